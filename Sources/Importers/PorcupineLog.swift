import History
import Notation

/// Reads the logs of the etcd tests that Porcupine carries: `INFO  jepsen.util - 4<tab>:invoke<tab>:cas<tab>[2 3]`. Some
/// have spaces where others have tabs.
///
/// A read of nil saw that nothing was there; a compare-and-set that failed saw that the value was another. Both are
/// written down as what was seen. Lines of others in the log are passed over.
public enum PorcupineLog {
    private static let mark = Array("jepsen.util - ".utf8)

    public static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        var builder = HistoryBuilder(file: file, name: "porcupine")
        var number = 0
        var start = 0
        while start < bytes.count {
            number += 1
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            if let fields = try Fields(UnsafeRawBufferPointer(rebasing: bytes[start..<end]), file, number) {
                try builder.append(try operation(fields, file, number), at: .line(number))
            }
            start = end + 1
        }
        return builder.finish()
    }

    /// The parts of a line that tells of an operation.
    private struct Fields {
        let process: Int64
        let type: EventType
        let function: String
        let value: UnsafeRawBufferPointer

        /// Nil for a line of others.
        init?(_ line: UnsafeRawBufferPointer, _ file: String, _ number: Int) throws(HistoryError) {
            guard var place = PorcupineLog.endOfMark(line) else { return nil }
            let first = Fields.word(line, &place)
            let second = Fields.word(line, &place)
            guard second.first == UInt8(ascii: ":") else { return nil }
            let process = Int64(String(decoding: first, as: UTF8.self))
            let type = EventType(jepsen: String(decoding: second.dropFirst(), as: UTF8.self))
            // A sentence that has a colon somewhere.
            if process == nil && type == nil { return nil }
            let third = Fields.word(line, &place)
            var end = line.count
            while end > place, line[end - 1] <= 0x20 { end -= 1 }
            while place < end, line[place] <= 0x20 { place += 1 }
            guard let process, let type, third.first == UInt8(ascii: ":"), place < end else {
                throw HistoryError(
                    file: file, line: number, reason: "an operation is written PROCESS, :TYPE, :F and VALUE, with tabs")
            }
            guard let function = String(validating: third.dropFirst(), as: UTF8.self) else {
                throw HistoryError(file: file, line: number, reason: "bytes that are not UTF-8")
            }
            (self.process, self.type, self.function) = (process, type, function)
            value = UnsafeRawBufferPointer(rebasing: line[place..<end])
        }

        /// The bytes up to the next space, from the next that is none.
        private static func word(
            _ line: UnsafeRawBufferPointer, _ place: inout Int
        ) -> UnsafeRawBufferPointer.SubSequence {
            while place < line.count, line[place] <= 0x20 { place += 1 }
            let start = place
            while place < line.count, line[place] > 0x20 { place += 1 }
            return line[start..<place]
        }
    }

    /// The place behind the mark; nil when the line has none.
    private static func endOfMark(_ line: UnsafeRawBufferPointer) -> Int? {
        var place = 0
        while place + mark.count <= line.count {
            if line[place] == mark[0], line[place..<(place + mark.count)].elementsEqual(mark) {
                return place + mark.count
            }
            place += 1
        }
        return nil
    }

    private static func operation(
        _ fields: Fields, _ file: String, _ number: Int
    ) throws(HistoryError) -> ImportedOperation {
        var operation = ImportedOperation(
            process: .client(fields.process), type: fields.type, function: fields.function)
        var reader = EDNReader(fields.value)
        let value: Datum
        do throws(NotationFault) { value = try reader.next() ?? .null } catch {
            throw HistoryError(file: file, line: number, reason: error.reason)
        }
        let isTimeout = value == .keyword("timed-out")
        if isTimeout {
            operation.extras.append(("error", .string("timed-out")))
        } else if operation.type != .invoke || value != .null {
            operation.value = value
        }
        if operation.function == "cas", operation.type == .fail, !isTimeout {
            operation.type = .ok
            operation.extras.append(("applied", .boolean(false)))
        }
        return operation
    }
}
