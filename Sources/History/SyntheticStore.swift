/// A Dynamo that is never wrong: one sibling set for each key, changed at one instant, with the dots and clocks that
/// real replicas would give (dotted version vectors, one actor for each node).
struct SyntheticStore {
    static let nodes = ["n1", "n2", "n3", "n4", "n5"]
    static let copies = 3

    /// Who wrote a version, and which of its writes it was: the id is `process-number`.
    struct ID: Hashable {
        var process: Int64
        var number: Int64
    }

    /// A counter for each node.
    typealias Clock = SIMD8<UInt32>

    struct Stored {
        var id: ID
        var actor: Int
        var counter: UInt32
        var clock: Clock
        var isTombstone: Bool
    }

    private var siblings: [[Stored]]
    /// How many writes of a key each node has coordinated.
    private var counters: [Clock]

    init(keys: Int) {
        siblings = Array(repeating: [], count: keys)
        counters = Array(repeating: Clock(), count: keys)
    }

    /// All versions of a key, tombstones included.
    func content(_ key: Int) -> [Stored] { siblings[key] }

    /// The home nodes of a key.
    static func homes(_ key: Int) -> [Int] { (0..<copies).map { (key + $0) % nodes.count } }

    /// What a client passes back after a get: what it saw, and all that the store knew.
    func context(_ key: Int) -> Clock {
        var clock = Clock()
        for version in siblings[key] {
            clock.replace(with: version.clock, where: version.clock .> clock)
            clock[version.actor] = max(clock[version.actor], version.counter)
        }
        return clock
    }

    /// Replaces what the context covers by a new version, coordinated by the node `actor`.
    mutating func write(_ id: ID, key: Int, context: Clock, actor: Int, isTombstone: Bool) -> Stored {
        siblings[key].removeAll { $0.counter <= context[$0.actor] }
        counters[key][actor] += 1
        let version = Stored(
            id: id, actor: actor, counter: counters[key][actor], clock: context, isTombstone: isTombstone)
        siblings[key].append(version)
        return version
    }

    /// A number that tells contents apart, for the Merkle root of a range.
    func digest(_ keys: some Sequence<Int>) -> UInt64 {
        var digest: UInt64 = 0
        for key in keys {
            for version in siblings[key] {
                var generator = SeededGenerator(
                    seed: UInt64(version.counter) << 32 ^ UInt64(version.actor) << 24 ^ UInt64(truncatingIfNeeded: key))
                digest &+= generator.next()
            }
        }
        return digest
    }
}
