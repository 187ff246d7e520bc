/// What a capture showed, in numbers: by link and second, by kind of message, and what it says of acknowledgements.
///
/// Goes as JSON into a run's history (the event `wire`) and comes out of `dyno wire`.
public struct WireReport: Sendable, Hashable, Codable {
    public struct Count: Sendable, Hashable, Codable {
        public var messages = 0
        public var bytes = 0
        public init() {}
    }

    /// A direction between two places; `clients` stands for whoever is no node.
    public struct Link: Sendable, Hashable, Codable {
        public var from: String
        public var to: String
        /// Packets that were sent, those that were delivered and the bytes of these, by ``WireReport/step``.
        public var sent: [Int]
        public var delivered: [Int]
        public var bytes: [Int]
        /// Messages delivered, by what they serve.
        public var messages: [String: Count]
    }

    public struct Kind: Sendable, Hashable, Codable {
        public var name: String
        public var group: String
        public var messages: Int
        public var bytes: Int
        /// Messages by ``WireReport/step``.
        public var seconds: [Int]
    }

    /// Seconds that each number of a series stands for.
    public var step = 1
    /// Packets read, each as often as it passed a port.
    public var packets = 0
    /// Packets that the kernel dropped for want of room, or that were not read for want of time.
    public var dropped = 0
    /// Holes in streams that the receiver did not have, and their bytes.
    public var gaps = 0
    public var gapBytes = 0
    /// Streams that ran before the capture.
    public var begunBefore = 0
    /// Acknowledgements of puts and deletes that were decided on, those with fewer copies than asked for, and those that could not
    /// be decided.
    public var judged = 0
    public var belowW = 0
    public var unjudged = 0
    /// Not decided yet.
    public var waiting = 0
    /// Hinted objects that their home said it has made durable.
    public var hintsAcknowledged = 0
    /// Objects that Merkle exchanges sent because they differed.
    public var objectsRepaired = 0
    public var links: [Link] = []
    public var kinds: [Kind] = []

    public init() {}

    /// Messages and bytes of all kinds that serve one thing.
    public func total(of group: String) -> Count {
        kinds.reduce(into: Count()) { sum, kind in
            guard kind.group == group else { return }
            sum.messages += kind.messages
            sum.bytes += kind.bytes
        }
    }

    public func total(kind name: String) -> Count {
        kinds.reduce(into: Count()) { sum, kind in
            guard kind.name == name else { return }
            sum.messages += kind.messages
            sum.bytes += kind.bytes
        }
    }

    /// The most numbers that a series may have.
    private static let mostSteps = 600

    /// Widens ``step`` until no series is too long for a history.
    mutating func shorten() {
        let longest = max(links.map(\.sent.count).max() ?? 0, kinds.map(\.seconds.count).max() ?? 0)
        let wider = max(1, (longest + Self.mostSteps - 1) / Self.mostSteps)
        guard wider > 1 else { return }
        step *= wider
        for index in links.indices {
            links[index].sent = Self.sums(links[index].sent, wider)
            links[index].delivered = Self.sums(links[index].delivered, wider)
            links[index].bytes = Self.sums(links[index].bytes, wider)
        }
        for index in kinds.indices { kinds[index].seconds = Self.sums(kinds[index].seconds, wider) }
    }

    private static func sums(_ series: [Int], _ width: Int) -> [Int] {
        stride(from: 0, to: series.count, by: width).map { series[$0..<min(series.count, $0 + width)].reduce(0, +) }
    }
}
