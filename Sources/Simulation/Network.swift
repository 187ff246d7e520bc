import Dynamo

/// How the simulated network treats a message.
public struct NetworkSettings: Hashable, Sendable {
    /// The shortest and the longest way of a message, in nanoseconds. Messages overtake each other.
    public var latency: ClosedRange<Int64> = 100_000...2_000_000
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

    init(settings: NetworkSettings) { self.settings = settings }

    mutating func cut(_ groups: [[String]]) {
        self.groups = [:]
        for (number, group) in groups.enumerated() {
            for node in group { self.groups[node] = number }
        }
    }

    mutating func heal() { groups = [:] }

    func connects(_ one: String, _ other: String) -> Bool {
        guard let left = groups[one], let right = groups[other] else { return true }
        return left == right
    }

    /// How long a message takes; nil when it is lost.
    func delay(_ generator: inout SplitMix64) -> Int64? {
        if settings.lostPerThousand > 0, Int.random(in: 0..<1000, using: &generator) < settings.lostPerThousand {
            return nil
        }
        return Int64.random(in: settings.latency, using: &generator)
    }
}
