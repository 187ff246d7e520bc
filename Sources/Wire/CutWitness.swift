/// What the capture says of one network partition: did it cut, and was there anything to cut.
public struct CutWitness: Sendable, Hashable {
    /// A cut direction across which a packet was delivered while the cut was in force.
    public struct Leak: Sendable, Hashable {
        public let from: String
        public let to: String
        public let packets: Int

        public init(from: String, to: String, packets: Int) {
            self.from = from
            self.to = to
            self.packets = packets
        }
    }

    /// Nanoseconds since the run began: from the return of the call that made the cut to the call that ended it.
    public let start: Int64
    public let end: Int64
    /// Directions that were cut.
    public let directions: Int
    /// Packets that were sent towards the other side while the cut was in force, over all directions.
    public let attempted: Int
    /// Directions across which nothing was sent at all, neither to be cut nor to be let through.
    public let silent: Int
    /// Packets that were nevertheless delivered, by direction.
    public let leaks: [Leak]
    /// The last delivery across the cut before it and the first after it, in nanoseconds since the run began.
    public let lastBefore: Int64?
    public let firstAfter: Int64?

    public init(
        start: Int64, end: Int64, directions: Int, attempted: Int, silent: Int, leaks: [Leak], lastBefore: Int64?,
        firstAfter: Int64?
    ) {
        self.start = start
        self.end = end
        self.directions = directions
        self.attempted = attempted
        self.silent = silent
        self.leaks = leaks
        self.lastBefore = lastBefore
        self.firstAfter = firstAfter
    }

    /// Whether the capture proves the cut: packets were sent across it, and none arrived.
    public var isProven: Bool { leaks.isEmpty && attempted > 0 }

    /// One sentence for a person.
    public var sentence: String {
        if let leak = leaks.first {
            return "\(leak.packets) packets of \(leak.from) reached \(leak.to) inside the cut"
        }
        if attempted == 0 { return "nothing was sent across the cut, so that nothing shows that it was there" }
        let quiet = silent == 0 ? "" : " (nothing was sent in \(silent) of \(directions) directions)"
        return "\(attempted) packets were sent across the cut and none arrived\(quiet)"
    }
}
