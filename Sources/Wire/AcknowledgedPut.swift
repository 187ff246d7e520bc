/// An acknowledgement of a write to its client, and what passed the wire before it.
public struct AcknowledgedPut: Sendable, Hashable {
    /// The id that the client gave the value, or the tombstone.
    public var id: String
    /// Durable copies that the request asked for, the coordinator's own one among them.
    public var w: Int
    /// Other nodes whose acknowledgement had reached the coordinator before it answered.
    public var acknowledgements: Int
    public var coordinator: String

    public init(id: String, w: Int, acknowledgements: Int, coordinator: String) {
        self.id = id
        self.w = w
        self.acknowledgements = acknowledgements
        self.coordinator = coordinator
    }

    /// The coordinator's own durable write, which the wire cannot show, is the one more.
    public var isBelowW: Bool { acknowledgements + 1 < w }
}

/// An acknowledgement that was seen and is not decided yet: what could excuse it may still turn up.
struct PendingAcknowledgement {
    var id: String
    var w: Int
    var print: UInt64
    /// Places of nodes among the ports: who answered the client, and who coordinated (the same unless it was forwarded).
    var answerer: Int
    var coordinator: Int
    /// What is known already: of a put that its coordinator answered itself. Nil: its coordinator's own view says it.
    var acknowledgements: Int?
    /// From the request to the answer, in nanoseconds since the run began.
    var began: Int64
    var answered: Int64
}
