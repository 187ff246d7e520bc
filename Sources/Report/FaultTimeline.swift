import History

/// When which fault was in force, as the nemesis' events of a history tell it.
public struct FaultTimeline: Sendable {
    /// A fault from its begin to its end.
    public struct Interval: Sendable, Hashable {
        /// `down`, `paused`, `cut off`, or the fault in its own words.
        public var word: String
        /// The nodes it is about; empty where the words tell of links or of nothing known.
        public var nodes: [String]
        /// The event that began it.
        public var begin: Int
        /// The event that ended it; nil when nothing did.
        public var end: Int?

        /// Whether it was in force at some instant from event `first` to event `last`.
        func overlaps(_ first: Int, _ last: Int) -> Bool { begin <= last && first <= end ?? Int.max }
    }

    /// In the order of their begins.
    public private(set) var intervals: [Interval] = []
    private let knownNodes: Set<String>
    /// Positions in ``intervals`` of what is in force, by what would end it.
    private var open: [Handle: Int] = [:]

    /// Events of one fault lie less than this apart, in nanoseconds.
    private static let atOnce: Int64 = 50_000_000

    private enum Handle: Hashable {
        case down(String)
        case paused(String)
        case partition
        case other(String)
    }

    public init(_ history: History) {
        knownNodes = Set(history.header.nodes ?? [])
        for index in history.events.indices where history.events[index].process == .nemesis {
            take(history.events[index], at: index, history)
        }
    }

    private mutating func take(_ event: Event, at index: Int, _ history: History) {
        let nodes = { history.ids(of: event).filter { $0 != Interner.none }.map(history.string) }
        switch event.function {
        case .kill:
            for node in nodes() { begin(.down(node), "down", [node], index) }
        case .wipe:
            for node in nodes() { begin(.down(node), "down", [node], index) }
            damage("down, wiped", nodes())
        case .pause:
            for node in nodes() { begin(.paused(node), "paused", [node], index) }
        case .resume:
            for node in nodes() { end(.paused(node), index) }
        case .restart:
            for node in nodes() {
                end(.down(node), index)
                end(.paused(node), index)
            }
        case .partition:
            end(.partition, index)
            begin(.partition, "cut off", Self.separated(history.ids(of: event), history), index)
        case .heal:
            end(.partition, index)
        case .other:
            let words = FaultWords.of(index, history)
            switch history.string(event.name) {
            case "fault":
                // What stops a node to do something to it is told as both: it ends when the node is started again.
                let named = nodesNamed(in: words)
                if named.allSatisfy({ isDown($0, since: event.time &- Self.atOnce, history) }), !named.isEmpty {
                    damage(words, named)
                } else {
                    begin(.other(words), words, named, index)
                }
            case "fault-end": end(.other(words), index)
            default: return
            }
        default: return
        }
    }

    private mutating func begin(_ handle: Handle, _ word: String, _ nodes: [String], _ index: Int) {
        guard open[handle] == nil else { return }
        open[handle] = intervals.count
        intervals.append(Interval(word: word, nodes: nodes, begin: index))
    }

    private mutating func damage(_ word: String, _ nodes: [String]) {
        for node in nodes {
            if let position = open[.down(node)] { intervals[position].word = word }
        }
    }

    private func isDown(_ node: String, since time: Int64, _ history: History) -> Bool {
        guard let position = open[.down(node)] else { return false }
        return history.events[intervals[position].begin].time >= time
    }

    private mutating func end(_ handle: Handle, _ index: Int) {
        guard let position = open.removeValue(forKey: handle) else { return }
        intervals[position].end = index
    }

    /// The nodes that a fault's own words name: `clock n2`, `loss n1→n3`.
    private func nodesNamed(in words: String) -> [String] {
        words.split { " ,→|".contains($0) }.map(String.init).filter { knownNodes.contains($0) }
    }

    /// The nodes of a partition that are apart from some other.
    private static func separated(_ groups: ArraySlice<UInt32>, _ history: History) -> [String] {
        let sides = groups.split(separator: Interner.none)
        return sides.count < 2 ? [] : sides.flatMap { $0.map(history.string) }
    }
}
