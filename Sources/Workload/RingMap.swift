/// Where keys live, as the store has told the clients of a load: what a client must know that chooses the coordinator by
/// itself (DeCandia et al. 2007, §6.4, client-driven coordination).
///
/// It may be out of date, to no harm: a node that is no home of a key passes the request on, as always.
struct RingMap {
    /// How long what was told is believed.
    private static let age: Duration = .seconds(5)
    /// How long a node is left alone after it has failed somebody.
    private static let absence: Duration = .seconds(1)

    private var homes: [String: (nodes: [Int], until: ContinuousClock.Instant)] = [:]
    /// By node: until when.
    private var absent: [Int: ContinuousClock.Instant] = [:]

    func knows(_ key: String, at now: ContinuousClock.Instant) -> Bool { homes[key].map { now < $0.until } ?? false }

    /// - Parameter nodes: positions in the list of endpoints, in the order of the preference list.
    mutating func learn(_ key: String, _ nodes: [Int], at now: ContinuousClock.Instant) {
        homes[key] = (nodes, now + Self.age)
    }

    /// An operation on a key failed at a node: what is known of the key may be out of date.
    mutating func missed(_ node: Int, key: String, at now: ContinuousClock.Instant) {
        absent[node] = now + Self.absence
        homes[key] = nil
    }

    /// The home that a client process turns to, each process to another one; nil when none is known that has not just
    /// failed.
    func home(of key: String, for process: Int64, at now: ContinuousClock.Instant) -> Int? {
        let present = (homes[key]?.nodes ?? []).filter { node in absent[node].map { $0 <= now } ?? true }
        return present.isEmpty ? nil : present[Int(process % Int64(present.count))]
    }
}
