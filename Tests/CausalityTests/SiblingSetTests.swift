import Causality
import Testing

private typealias Set_ = SiblingSet<Int>

/// Replicas of one key that write and merge at random, and beside them the truth: the past of every write as its client
/// knew it.
private struct History {
    var replicas: [Set_]
    /// By write: the writes that its client had seen, in the end.
    var past: [Int: Set<Int>] = [:]
    var dots: [Int: Dot] = [:]
    /// By replica: every write that it has heard of.
    var heard: [Set<Int>]

    init(replicas count: Int) {
        replicas = Array(repeating: Set_(), count: count)
        heard = Array(repeating: [], count: count)
    }

    mutating func run(_ choices: inout Choices) {
        var reads: [Set_] = [Set_()]
        for _ in 0..<choices.below(25) {
            let replica = choices.below(replicas.count)
            switch choices.below(3) {
            case 0: reads.append(replicas[replica])
            case 1: write(replica, seen: choices.element(of: reads))
            default:
                let other = choices.below(replicas.count)
                replicas[replica] = replicas[replica].merging(replicas[other])
                heard[replica].formUnion(heard[other])
            }
        }
    }

    private mutating func write(_ replica: Int, seen: Set_) {
        let actor = Actor(node: "n\(replica)", incarnation: 1)
        let counter = max(replicas[replica].context[actor], seen.context[actor]) + 1
        let id = past.count
        let direct = Set(seen.versions.map(\.payload))
        past[id] = direct.reduce(into: direct) { $0.formUnion(past[$1] ?? []) }
        dots[id] = Dot(actor: actor, counter: counter)
        replicas[replica].write(dot: Dot(actor: actor, counter: counter), context: seen.context, payload: id)
        heard[replica].insert(id)
        // A context tells of versions that the coordinator may not hold; it then has heard of what they replaced.
        heard[replica].formUnion(past[id] ?? [])
    }

    /// What a replica must store: every write it has heard of, but for those that another of them had seen.
    func expected(_ replica: Int) -> Set<Int> {
        heard[replica].filter { write in !heard[replica].contains { past[$0]?.contains(write) == true } }
    }
}

struct SiblingSetTests {
    @Test func replicasHoldExactlyTheConcurrentVersions() {
        forAll(cases: 4_000) { choices throws(Falsified) in
            var history = History(replicas: 3)
            history.run(&choices)
            for replica in history.replicas.indices {
                let stored = Set(history.replicas[replica].versions.map(\.payload))
                try require(
                    stored == history.expected(replica),
                    "replica \(replica) holds \(stored), not \(history.expected(replica))")
            }
        }
    }

    @Test func contextsCoverExactlyWhatWasHeardOf() {
        forAll(cases: 4_000) { choices throws(Falsified) in
            var history = History(replicas: 3)
            history.run(&choices)
            for replica in history.replicas.indices {
                let context = history.replicas[replica].context
                for (write, dot) in history.dots {
                    try require(context.contains(dot) == history.heard[replica].contains(write), "\(dot) in \(context)")
                    try require(context.contains(dot) == history.replicas[replica].covers(dot), "\(dot) is covered")
                }
            }
        }
    }

    @Test func joinIsALattice() {
        forAll(cases: 4_000) { choices throws(Falsified) in
            var history = History(replicas: 3)
            history.run(&choices)
            let (x, y, z) = (history.replicas[0], history.replicas[1], history.replicas[2])
            try require(x.merging(y) == y.merging(x), "commutative")
            try require(x.merging(y).merging(z) == x.merging(y.merging(z)), "associative")
            try require(x.merging(x) == x, "idempotent")
            try require(x.merging(y).context == x.context.merging(y.context), "contexts join alike")
            let shuffled = SiblingSet(versions: (x.versions + y.versions).reversed())
            try require(shuffled == x.merging(y), "a set is the join of its versions")
        }
    }

    @Test func twoClientsThatSawTheSameBecomeSiblings() {
        let actor = Actor(node: "n1", incarnation: 1)
        var set = Set_()
        set.write(dot: Dot(actor: actor, counter: 1), context: VersionVector(), payload: 1)
        let seen = set.context
        set.write(dot: Dot(actor: actor, counter: 2), context: seen, payload: 2)
        // Plain version vectors would take this one, from the same coordinator, for a successor of the one before.
        set.write(dot: Dot(actor: actor, counter: 3), context: seen, payload: 3)
        #expect(set.versions.map(\.payload) == [2, 3])
        set.write(dot: Dot(actor: actor, counter: 4), context: set.context, payload: 4, tombstone: true)
        #expect(set.versions.map(\.payload) == [4])
        #expect(set.versions[0].tombstone)
    }

    /// Riak once dropped both of two versions with one dot (basho/riak_kv#813).
    @Test func versionsWithOneDotDoNotCancelEachOther() {
        let dot = Dot(actor: Actor(node: "n1", incarnation: 1), counter: 1)
        let one = Set_(versions: [.init(dot: dot, clock: VersionVector(), payload: 1)])
        let other = Set_(versions: [.init(dot: dot, clock: VersionVector(), payload: 2)])
        #expect(one.merging(other) == one)
        #expect(Set_(versions: other.versions + one.versions) == other)
    }
}
