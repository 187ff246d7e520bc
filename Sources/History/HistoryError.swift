/// Why a history cannot be used: where the fault is, and what it is, for a person to read.
public struct HistoryError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    public var file: String
    /// The line of a text form, from 1; nil when the fault has none (a binary form, a file that cannot be opened).
    public var line: Int?
    /// The byte of a binary form, from 0; nil when the fault has none.
    public var offset: Int?
    /// What is wrong, without the place.
    public var reason: String

    public init(file: String, line: Int? = nil, offset: Int? = nil, reason: String) {
        self.file = file
        self.line = line
        self.offset = offset
        self.reason = reason
    }

    /// `history.jsonl:3: time goes back: 4 after 5`, or `history.dyno: byte 120: …`.
    public var description: String {
        if let line { return "\(file):\(line): \(reason)" }
        if let offset { return "\(file): byte \(offset): \(reason)" }
        return "\(file): \(reason)"
    }
}
