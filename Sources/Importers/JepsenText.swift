import History
import Notation

/// Reads Jepsen's histories as text: `history.edn`, `history.jsonl`, and the arrays of JSON that elle-cli reads. What
/// Maelstrom and Knossos write is the same.
public enum JepsenText {
    /// A list of maps, or maps one after the other.
    public static func parseEDN(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        var reader = EDNReader(bytes)
        var operations = JepsenOperations(file: file)
        do throws(NotationFault) {
            _ = try reader.enterList()
        } catch { throw HistoryError(file: file, line: error.line, reason: error.reason) }
        while true {
            let next: Datum?
            do throws(NotationFault) { next = try reader.nextElement() } catch {
                throw HistoryError(file: file, line: error.line, reason: error.reason)
            }
            guard let next else { return try operations.finish() }
            try operations.append(next, at: .line(reader.line))
        }
    }

    /// An array of objects, or objects one after the other.
    public static func parseJSON(_ bytes: UnsafeRawBufferPointer, file: String) throws(HistoryError) -> History {
        var reader = JSONReader(bytes)
        var operations = JepsenOperations(file: file)
        let isArray = reader.enterList()
        var isFirst = true
        while true {
            let next: Datum?
            do throws(NotationFault) {
                next = isArray ? try reader.nextElement(isFirst: isFirst) : try reader.next()
            } catch {
                throw HistoryError(file: file, line: error.line, reason: error.reason)
            }
            guard let next else { return try operations.finish() }
            isFirst = false
            try operations.append(next, at: .line(reader.line))
        }
    }
}
