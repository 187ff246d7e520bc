import History
import Notation

/// Reads the logs of the etcd tests that Porcupine carries: `INFO  jepsen.util - 4<tab>:invoke<tab>:cas<tab>[2 3]`.
///
/// A read of nil saw that nothing was there; a compare-and-set that failed saw that the value was another. Both are
/// written down as what was seen. Lines of others in the log are passed over.
public enum PorcupineLog {
    private static let mark = "jepsen.util - "

    public static func parse(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        var builder = HistoryBuilder(file: file, name: "porcupine")
        var number = 0
        var rest = bytes[...]
        while !rest.isEmpty {
            number += 1
            let end = rest.firstIndex(of: UInt8(ascii: "\n")) ?? rest.endIndex
            let line = rest[rest.startIndex..<end]
            rest = end < rest.endIndex ? rest[(end + 1)...] : rest[rest.endIndex...]
            guard let text = String(validating: line, as: UTF8.self) else {
                throw HistoryError(file: file, line: number, reason: "bytes that are not UTF-8")
            }
            guard let operation = try operation(text, file, number) else { continue }
            try builder.append(operation, at: .line(number))
        }
        return builder.finish()
    }

    private static func operation(
        _ line: String, _ file: String, _ number: Int
    ) throws(HistoryError) -> ImportedOperation? {
        let fields = line.split(separator: "\t", omittingEmptySubsequences: false)
        guard fields.count == 4, fields[1].hasPrefix(":"), fields[0].contains(mark) else { return nil }
        let spelling = String(fields[1].dropFirst())
        guard let process = fields[0].split(separator: " ").last.flatMap({ Int64($0) }),
            let type = EventType(jepsen: spelling), fields[2].hasPrefix(":")
        else {
            throw HistoryError(
                file: file, line: number, reason: "an operation is written PROCESS, :TYPE, :F and VALUE, with tabs")
        }
        var operation = ImportedOperation(
            process: .client(process), type: type, function: String(fields[2].dropFirst()))
        let value = try datum(String(fields[3]), file, number)
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

    private static func datum(_ text: String, _ file: String, _ number: Int) throws(HistoryError) -> Datum {
        var text = text
        let result: Result<Datum, NotationFault> = text.withUTF8 { bytes in
            var reader = EDNReader(UnsafeRawBufferPointer(bytes))
            do throws(NotationFault) { return .success(try reader.next() ?? .null) } catch { return .failure(error) }
        }
        do throws(NotationFault) { return try result.get() } catch {
            throw HistoryError(file: file, line: number, reason: error.reason)
        }
    }
}
