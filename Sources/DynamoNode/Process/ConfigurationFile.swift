import ArgumentParser
import Glibc

/// A node's settings in a file: `key = value`, one a line, where a key is the long name of an option; `#` begins a
/// comment, and a key that may be given several times on the command line may be so here.
///
/// What the command line says wins: a key that is given there is passed over here.
struct ConfigurationFile {
    /// What is wrong with a file, told with its line.
    struct Mistake: Error, Hashable, CustomStringConvertible {
        var description: String
    }

    struct Entry: Hashable {
        var line: Int
        var key: String
        var value: String
    }

    private static let longest = 1 << 20

    let path: String
    let entries: [Entry]

    init(path: String) throws(Mistake) {
        self.path = path
        entries = try Self.parse(try Self.read(path), path: path)
    }

    /// Takes the text of a file apart.
    static func parse(_ text: String, path: String) throws(Mistake) -> [Entry] {
        var entries: [Entry] = []
        for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false).enumerated() {
            let content = line.prefix { $0 != "#" }.trimmed
            if content.isEmpty { continue }
            let parts = content.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, !parts[0].trimmed.isEmpty, !parts[1].trimmed.isEmpty else {
                throw Mistake(description: "\(path):\(index + 1): expected KEY = VALUE, found: \(content)")
            }
            entries.append(
                Entry(line: index + 1, key: String(parts[0].trimmed), value: String(parts[1].trimmed)))
        }
        return entries
    }

    /// The entries as options, without those that `arguments` has.
    ///
    /// Each is first read by the command line's own parser, so that what is allowed, and what is said of what is not,
    /// is the same in both places.
    func options(besides arguments: [String]) throws(Mistake) -> [String] {
        let settings = Settings.all
        var options: [String] = []
        for entry in entries {
            guard settings.contains(where: { $0.name == entry.key }), entry.key != "config" else {
                let known = settings.map(\.name).filter { $0 != "config" }.joined(separator: ", ")
                throw Mistake(
                    description: "\(path):\(entry.line): there is no setting \(entry.key); there are: \(known)")
            }
            let flag = "--\(entry.key)"
            if let reason = Self.objection(to: [flag, entry.value]) {
                throw Mistake(description: "\(path):\(entry.line): \(reason)")
            }
            if arguments.contains(where: { $0 == flag || $0.hasPrefix(flag + "=") }) { continue }
            options += [flag, entry.value]
        }
        return options
    }

    /// What the parser says of a value that it cannot read; nil when it can.
    private static func objection(to option: [String]) -> String? {
        do {
            _ = try NodeCommand.parse(["--name", "n", "--data", "d"] + option)
            return nil
        } catch {
            let message = NodeCommand.message(for: error)
            // Anything else is about several options together, which is for the whole command line to say.
            return message.contains("is invalid for '\(option[0])") ? message : nil
        }
    }

    private static func read(_ path: String) throws(Mistake) -> String {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Mistake(description: "cannot read \(path): \(SystemError.text(errno))") }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { break }
            guard count > 0 else { throw Mistake(description: "cannot read \(path): \(SystemError.text(errno))") }
            bytes += buffer[..<count]
            if bytes.count > longest { throw Mistake(description: "\(path) is longer than \(longest) bytes") }
        }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Mistake(description: "\(path) is not UTF-8")
        }
        return text
    }
}

extension Substring {
    fileprivate var trimmed: Substring {
        var rest = self.drop(while: \.isWhitespace)
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return rest
    }
}
