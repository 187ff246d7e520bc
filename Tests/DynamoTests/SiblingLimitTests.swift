import Causality
import Dynamo
import Simulation
import Testing

/// Siblings are bounded without losing any, and what a client has resolved is gone for good.
struct SiblingLimitTests {
    private func bench(limit: Int, warning: Int = 3) throws -> Bench {
        try Bench {
            $0.configuration.siblingsLimit = limit
            $0.configuration.siblingsWarning = warning
        }
    }

    @Test func aPutTooManyIsRefusedAndLosesNothing() throws {
        var bench = try bench(limit: 5)
        let values = (0..<5).map { "v\($0)" }
        for value in values { #expect(bench.put(value, at: bench.order[0])?.dot != nil) }
        for node in bench.order {
            #expect(bench.put("more", at: node)?.failure == .tooManySiblings(limit: 5))
        }
        let found = try #require(bench.get(at: bench.order[4])?.siblings)
        #expect(found.values == values)
        let warned = bench.cluster.notes.compactMap {
            if case .manySiblings(_, let count) = $0.note { count } else { nil }
        }
        #expect(warned == [4, 5])
        // Whoever resolves them is let through.
        #expect(bench.put("one", at: bench.order[1], context: found.context)?.siblings?.values == ["one"])
        #expect(bench.put("two", at: bench.order[1])?.siblings?.values == ["one", "two"])
    }

    /// Two halves of a cut cluster take as many as each may; together they are more, and all are kept.
    @Test func mergesAreNeverRefused() throws {
        var bench = try bench(limit: 4)
        let halves = [Array(bench.order.prefix(1)), Array(bench.order.dropFirst())]
        bench.cluster.cut(halves)
        bench.cluster.run(for: 1_500_000_000)
        for number in 0..<4 {
            #expect(bench.put("l\(number)", at: bench.order[0]) { $0.w = .one }?.dot != nil)
            #expect(bench.put("r\(number)", at: bench.order[1])?.dot != nil)
        }
        bench.cluster.heal()
        bench.cluster.run(for: 4_000_000_000)
        for home in bench.order.prefix(3) { #expect(bench.stored(home).count == 8) }
        let found = try #require(bench.get(at: bench.order[2])?.siblings)
        // A write that leaves fewer is taken, even if that is still too many.
        let some = VersionVector(entries: found.context.entries.filter { $0.actor.node == bench.order[0] })
        #expect(bench.put("fewer", at: bench.order[1], context: some)?.siblings?.versions.count == 5)
        #expect(bench.put("more", at: bench.order[1])?.failure == .tooManySiblings(limit: 4))
    }

    /// One client that reads and writes, a thousand times: one version with one entry an actor is all that is kept.
    @Test func supersededVersionsAndTheirBytesGo() throws {
        var bench = try bench(limit: 100)
        let long = String(repeating: "x", count: 1_000)
        for round in 0..<200 {
            let seen = bench.get(at: bench.order[round % 5])?.siblings?.context ?? VersionVector()
            #expect(bench.put("\(round)" + long, at: bench.order[round % 5], context: seen)?.dot != nil)
        }
        bench.cluster.run(for: 1_000_000_000)
        for home in bench.order.prefix(3) {
            let object = try #require(try bench.cluster.replica(home)?.store.object(bench.key))
            #expect(object.versions.count == 1)
            #expect(object.versions[0].payload.value.count < 1_010)
            #expect(object.context.entries.count <= 3)
        }
    }

    /// With plain version vectors two interleaved writers make a sibling of every write (basho/riak_kv#746).
    @Test func interleavedWritersDoNotExplode() throws {
        var bench = try bench(limit: 100)
        var contexts = [VersionVector(), VersionVector()]
        for round in 0..<40 {
            let reply = bench.put("\(round)", at: bench.order[0], context: contexts[round % 2])
            contexts[round % 2] = try #require(reply?.siblings).context
            #expect(try #require(reply?.siblings).versions.count <= 2)
        }
        #expect(bench.stored(bench.order[0]).count <= 2)
    }
}
