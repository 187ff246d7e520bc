import Foundation
import History
import Notation

/// Histories in files, of our own form or of another tool, told apart by how they begin.
public enum HistorySource {
    /// What a file holds.
    enum Form: Equatable {
        /// What ``HistoryFile`` reads.
        case ours
        case edn, json, log, store, fressian
    }

    private static let lookAhead = 4096

    /// Reads a file, or a pipe to its end (`-`: standard input): ours (`.dyno`, `.jsonl`, `.jsonl.gz`), or that of Jepsen,
    /// Knossos, Elle, Maelstrom or Porcupine.
    public static func read(path: String) throws(HistoryError) -> History {
        if isPipe(path) { return try readPipe(path) }
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory), !isDirectory.boolValue,
            let handle = FileHandle(forReadingAtPath: path),
            (try? handle.seekToEnd()) ?? 0 > 0, (try? handle.seek(toOffset: 0)) != nil,
            let first = try? handle.read(upToCount: lookAhead)
        else { return try HistoryFile.read(path: path) }
        let form = form(of: [UInt8](first))
        if form == .ours {
            try? handle.close()
            return try HistoryFile.read(path: path)
        }
        let rest: Data?
        do { rest = try handle.readToEnd() } catch {
            throw HistoryError(file: path, reason: "cannot be read: \(error)")
        }
        return try ImportedBytes.parse([UInt8](first + (rest ?? Data())), form, file: path)
    }

    /// Whether only ``read(path:)`` can read it: a history in the form of another tool, as its first bytes tell; or a pipe,
    /// which can be read once.
    public static func isForeign(path: String) -> Bool {
        if isPipe(path) { return true }
        guard let handle = FileHandle(forReadingAtPath: path), (try? handle.seekToEnd()) ?? 0 > 0,
            (try? handle.seek(toOffset: 0)) != nil, let first = try? handle.read(upToCount: lookAhead)
        else { return false }
        return form(of: [UInt8](first)) != .ours
    }

    private static func isPipe(_ path: String) -> Bool {
        if path == "-" { return true }
        var status = stat()
        guard stat(path, &status) == 0 else { return false }
        return status.st_mode & S_IFMT != S_IFREG && status.st_mode & S_IFMT != S_IFDIR
    }

    private static func readPipe(_ path: String) throws(HistoryError) -> History {
        let handle = path == "-" ? FileHandle.standardInput : FileHandle(forReadingAtPath: path)
        guard let handle else { throw HistoryError(file: path, reason: "cannot be opened") }
        let bytes: [UInt8]
        do { bytes = [UInt8](try handle.readToEnd() ?? Data()) } catch {
            throw HistoryError(file: path, reason: "cannot be read: \(error)")
        }
        let form = form(of: Array(bytes.prefix(lookAhead)))
        if form == .ours { return try HistoryFile.read(bytes, file: path) }
        return try ImportedBytes.parse(bytes, form, file: path)
    }

    /// What bytes look like.
    static func form(of bytes: [UInt8]) -> Form {
        if bytes.starts(with: JepsenBlocks.magic) { return .store }
        // A map of Fressian: no text begins so.
        if bytes.count > 1, bytes[0] == FressianCode.map, FressianReader.isList(bytes[1]) { return .fressian }
        let start = bytes.firstIndex { $0 > 0x20 && $0 != UInt8(ascii: ",") } ?? bytes.endIndex
        let text = bytes[start...]
        if text.starts(with: Array("INFO".utf8)) { return .log }
        guard let byte = text.first else { return .ours }
        let inner = text.dropFirst().first { $0 > 0x20 } ?? 0
        switch byte {
        case UInt8(ascii: "("), UInt8(ascii: ";"), UInt8(ascii: "#"), UInt8(ascii: "^"): return .edn
        case UInt8(ascii: "{"):
            if inner != UInt8(ascii: "\"") { return .edn }
            let line = text.prefix { $0 != UInt8(ascii: "\n") }
            return isOurs(String(decoding: line, as: UTF8.self)) ? .ours : .json
        case UInt8(ascii: "["):
            let isObject = inner == UInt8(ascii: "{") && Self.isJSONObject(text)
            return isObject ? .json : .edn
        default: return .ours
        }
    }

    /// Whether a line is the header of our form; or one of its events, where the header is missing: that is to be told, not
    /// taken for a history of Jepsen, which has no key beside the value.
    private static func isOurs(_ line: String) -> Bool {
        if line.contains("\"dyno\"") { return true }
        guard let event = JSONReader.value(of: line), event["time"] != nil, event["key"] != nil,
            let function = event["f"]?.name
        else { return false }
        return !function.isEmpty && Function.allCases.contains { $0.spelling == function }
    }

    /// Whether the first map within is an object of JSON: its first name a string.
    private static func isJSONObject(_ text: ArraySlice<UInt8>) -> Bool {
        guard let brace = text.firstIndex(of: UInt8(ascii: "{")) else { return false }
        return text[(brace + 1)...].first { $0 > 0x20 } == UInt8(ascii: "\"")
    }
}

/// Another tool's history in memory.
public enum ImportedBytes {
    /// Reads bytes, told apart by how they begin.
    public static func parse(_ bytes: [UInt8], file: String) throws(HistoryError) -> History {
        try parse(bytes, HistorySource.form(of: bytes), file: file)
    }

    static func parse(_ bytes: [UInt8], _ form: HistorySource.Form, file: String) throws(HistoryError) -> History {
        let result: Result<History, HistoryError> = bytes.withUnsafeBytes { buffer in
            do throws(HistoryError) {
                switch form {
                case .edn: return .success(try JepsenText.parseEDN(buffer, file: file))
                case .json: return .success(try JepsenText.parseJSON(buffer, file: file))
                case .log: return .success(try PorcupineLog.parse(buffer, file: file))
                case .ours: return .success(try JSONLines.parse(buffer, file: file))
                case .store: return .success(try JepsenStore.parse(buffer, file: file))
                case .fressian: return .success(try JepsenStore.parseFressian(buffer, file: file))
                }
            } catch { return .failure(error) }
        }
        return try result.get()
    }
}
