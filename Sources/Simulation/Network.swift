import Dynamo

/// How the simulated network treats a message.
public struct NetworkSettings: Hashable, Sendable {
    /// The shortest and the longest way of a message, in nanoseconds.
    public var latency: ClosedRange<Int64> = 100_000...2_000_000
    /// Messages from one node to another arrive in the order in which they were sent, as TCP has it; otherwise they
    /// overtake each other, which is more than a replica that reaps is made for.
    public var keepsOrder = true
    /// Of a thousand messages, how many are lost without a trace.
    public var lostPerThousand = 0
    /// Of a hundred messages to a node that is down, how many come back as unreachable; the others vanish.
    public var refusedPerCent = 50

    public init() {}
}

/// Who can reach whom.
struct Network {
    let settings: NetworkSettings
    /// By node: the group that it is in; a node in none is cut off from nobody.
    private var groups: [String: Int] = [:]
    /// By sender and receiver: when the last message arrives.
    private var lastArrival: [[Int]: Instant] = [:]
    /// By node: how much longer its messages take.
    private var lags: [String: Int64] = [:]
    /// By node: of a thousand messages from or to it, how many are lost by the wire and sent again.
    private var losses: [String: Int] = [:]
    /// Directions in which nothing passes.
    private var blocked: Set<Link> = []

    /// One direction between two nodes.
    struct Link: Hashable {
        var from: String
        var to: String
    }

    /// How long it takes until what was lost is sent again: the shortest retransmission timeout of Linux's TCP.
    private static let retransmission: Int64 = 200_000_000

    init(settings: NetworkSettings) { self.settings = settings }

    mutating func cut(_ groups: [[String]]) {
        self.groups = [:]
        for (number, group) in groups.enumerated() {
            for node in group { self.groups[node] = number }
        }
    }

    mutating func heal() { groups = [:] }

    /// Lets nothing pass in these directions, in place of those before.
    mutating func block(_ links: Set<Link>) { blocked = links }

    mutating func lose(_ perThousand: Int, of node: String) { losses[node] = perThousand == 0 ? nil : perThousand }

    mutating func delay(_ node: String, by nanoseconds: Int64) { lags[node] = nanoseconds }

    func lag(_ node: String) -> Int64 { lags[node] ?? 0 }

    /// How much longer a message takes because the wire lost it; what is sent behind it waits, too.
    func stall(_ one: String, _ other: String, _ generator: inout SplitMix64) -> Int64 {
        if losses.isEmpty { return 0 }
        let share = max(losses[one] ?? 0, losses[other] ?? 0)
        return share > 0 && Int.random(in: 0..<1000, using: &generator) < share ? Network.retransmission : 0
    }

    func connects(_ one: String, _ other: String) -> Bool {
        if !blocked.isEmpty, blocked.contains(Link(from: one, to: other)) { return false }
        guard let left = groups[one], let right = groups[other] else { return true }
        return left == right
    }

    /// When a message arrives; nil when it is lost.
    mutating func arrival(
        from sender: Int, to receiver: Int, sent now: Instant, _ generator: inout SplitMix64
    ) -> Instant? {
        if settings.lostPerThousand > 0, Int.random(in: 0..<1000, using: &generator) < settings.lostPerThousand {
            return nil
        }
        let arrival = now + Int64.random(in: settings.latency, using: &generator)
        if !settings.keepsOrder { return arrival }
        let ordered = max(arrival, lastArrival[[sender, receiver]] ?? 0)
        lastArrival[[sender, receiver]] = ordered
        return ordered
    }
}
