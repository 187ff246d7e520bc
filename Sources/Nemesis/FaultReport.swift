/// A fault as it was carried out, and what shows that it was.
public struct FaultReport: Sendable, Hashable {
    public var deed: Deed
    /// How its targets were found, for a reader: "home of k17".
    public var drawn: String
    /// Nanoseconds since the run began: when the fault was called for, was there, was called off, and was gone.
    public var call: Int64
    public var begin: Int64
    public var end: Int64
    public var gone: Int64
    /// What went wrong in making or ending the fault; nil: nothing.
    public var failure: String?
    /// What the bench saw of it while it made and ended it.
    public var seen: [String] = []

    public init(deed: Deed, drawn: String, call: Int64) {
        self.deed = deed
        self.drawn = drawn
        self.call = call
        (begin, end, gone) = (call, call, call)
    }

    public var name: String { deed.name }

    /// The sides, of a partition.
    public var groups: [[String]] {
        if case .partition(let groups, _, _) = deed { return groups }
        return []
    }

    /// In words, for a display.
    public var summary: String {
        if !groups.isEmpty { return groups.map { $0.joined(separator: ",") }.joined(separator: " | ") }
        if !deed.nodes.isEmpty { return "\(name) \(deed.nodes.joined(separator: ","))" }
        return "\(name) \(DirectedLink.summary(deed.links))"
    }
}
