import Yams

/// One mapping of a workload file: its values by key, each read with its type and range, or an error that names key and line.
package struct MappingReader {
    package let file: String
    /// Where the mapping stands in the file: empty for the top level, else `store`, `faults[2]`.
    package let path: String
    /// The line on which it begins.
    package let line: Int
    private let entries: [String: Entry]

    private struct Entry {
        var node: Node
        var line: Int
    }

    /// Fails when `node` is no mapping or has a key that is not in `allowed`.
    ///
    /// - Parameter whole: what the file is, for messages about its top level.
    package init(
        _ node: Node, path: String, file: String, allowed: [String], line: Int? = nil, whole: String = "a workload"
    ) throws(WorkloadError) {
        self.file = file
        self.path = path
        self.line = line ?? node.mark?.line ?? 1
        let subject = path.isEmpty ? whole : path
        guard let mapping = node.mapping else {
            throw WorkloadError(
                file: file, line: self.line,
                message: "\(subject) must be a mapping, not \(Self.kind(of: node)); allowed keys: \(allowed.listed)")
        }
        var entries: [String: Entry] = [:]
        for (key, value) in mapping {
            let keyLine = key.mark?.line ?? self.line
            guard let name = key.scalar?.string, allowed.contains(name) else {
                throw WorkloadError(file: file, line: keyLine, message: Self.unknown(key, in: path, allowed: allowed))
            }
            // The YAML parser compares keys with their tags, so `a` and `!x a` come here as two.
            guard entries.updateValue(Entry(node: value, line: keyLine), forKey: name) == nil else {
                throw WorkloadError(file: file, line: keyLine, message: "key \"\(name)\" is given more than once")
            }
        }
        self.entries = entries
    }

    package func has(_ key: String) -> Bool { entries[key] != nil }

    /// The value of `key` as it stands, and its line.
    package func node(_ key: String) -> (node: Node, line: Int)? { entries[key].map { ($0.node, $0.line) } }

    /// An error at the line of `key` (or of the mapping) that begins with the key's path.
    package func failure(_ key: String, _ message: String) -> WorkloadError {
        WorkloadError(file: file, line: entries[key]?.line ?? line, message: "\(name(of: key)) \(message)")
    }

    /// `key` with the path before it.
    package func name(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

    /// The mapping that `section` describes; nil when it is absent.
    func mapping(_ section: WorkloadSchema.Section) throws(WorkloadError) -> MappingReader? {
        guard let entry = entries[section.path] else { return nil }
        return try MappingReader(
            entry.node, path: section.path, file: file, allowed: section.allowed, line: entry.line)
    }

    /// The items of the list under `key`.
    package func list(_ key: String, of what: String) throws(WorkloadError) -> [Node]? {
        guard let entry = entries[key] else { return nil }
        guard let sequence = entry.node.sequence else {
            throw failure(key, "must be a list of \(what), not \(Self.kind(of: entry.node))")
        }
        return Array(sequence)
    }

    /// A word, in quotes or without.
    package func text(_ key: String, expected: String) throws(WorkloadError) -> String? {
        guard let entry = entries[key] else { return nil }
        guard let text = Self.text(of: entry.node) else {
            throw failure(key, "must be \(expected), not \(Self.kind(of: entry.node))")
        }
        return text
    }

    /// The text of a scalar that is there.
    package static func text(of node: Node) -> String? {
        guard let scalar = node.scalar, !scalar.string.isEmpty else { return nil }
        return scalar.string
    }

    /// What `node` is, for the end of "…, not …".
    package static func kind(of node: Node) -> String {
        switch node {
        case .mapping: return "a mapping"
        case .sequence: return "a list"
        case .alias: return "an alias"
        case .scalar(let scalar):
            if scalar.string.isEmpty { return "nothing" }
            let quoted = scalar.string.prefix(40)
            return quoted.count < scalar.string.count ? "\"\(quoted)…\"" : "\"\(quoted)\""
        }
    }

    private static func unknown(_ key: Node, in path: String, allowed: [String]) -> String {
        let place = path.isEmpty ? "" : " in \(path)"
        guard let name = key.scalar?.string else {
            return "a key\(place) must be a word, not \(kind(of: key)); allowed: \(allowed.listed)"
        }
        let hint = Suggestion.nearest(to: name, among: allowed).map { "; did you mean \"\($0)\"?" } ?? ";"
        return "unknown key \(kind(of: key))\(place)\(hint) allowed: \(allowed.listed)"
    }
}

extension [String] {
    /// `a, b, c`
    package var listed: String { joined(separator: ", ") }
}
