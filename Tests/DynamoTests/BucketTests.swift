import Causality
import Dynamo
import Simulation
import Testing

struct BucketTests {
    private func properties(_ change: (inout BucketProperties) -> Void) -> BucketProperties {
        var properties = BucketProperties()
        change(&properties)
        return properties
    }

    /// Riak answers before the other nodes know (basho/riak#511): a put through one of them then drops a sibling.
    @Test func everyPeerKnowsBeforeTheClientIsTold() throws {
        var bench = try Bench()
        let wanted = properties { $0.allowMultiple = false }
        #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, wanted, at: "n2")) == .bucketSet)
        for name in bench.cluster.members {
            #expect(bench.cluster.replica(name)?.bucketProperties(bench.key.bucket) == wanted)
        }
    }

    @Test func aNodeThatWasAwayCatchesUp() throws {
        var bench = try Bench()
        bench.crash(["n3"])
        let first = properties { $0.w = .all }
        let second = properties { $0.w = .one }
        #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, first, at: "n1")) == .bucketSet)
        #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, second, at: "n2")) == .bucketSet)
        try bench.cluster.restart("n3")
        bench.cluster.run(for: 1_000_000_000)
        #expect(bench.cluster.replica("n3")?.bucketProperties(bench.key.bucket) == second)
        bench.cluster.crash("n3")
        try bench.cluster.restart("n3")
        #expect(bench.cluster.replica("n3")?.bucketProperties(bench.key.bucket) == second)
    }

    @Test func oneVersionOnlyWhereTheBucketSaysSo() throws {
        for change in [{ $0.allowMultiple = false }, { $0.lastWriteWins = true }] as [(inout BucketProperties) -> Void]
        {
            var bench = try Bench { $0.clockSkew = 5_000_000 }
            _ = bench.wait(for: bench.cluster.setBucket(bench.key.bucket, properties(change), at: "n1"))
            var dots: Set<Dot> = []
            for round in 0..<9 {
                let reply = bench.put("\(round)", at: bench.order[round % 3])
                #expect(reply?.siblings?.values == ["\(round)"], "a write wins over what its coordinator holds")
                dots.insert(try #require(reply?.dot))
                bench.cluster.run(for: 100_000_000)
            }
            #expect(dots.count == 9)
            bench.cluster.run(for: 3_000_000_000)
            #expect(bench.cluster.disagreements == [])
            #expect(bench.stored(bench.order[0]).count == 1)
        }
    }

    @Test func aBucketMayHaveItsOwnN() throws {
        var bench = try Bench()
        #expect(bench.put("a", at: bench.order[0]) != nil)
        for n in [5, 1] {
            let wanted = properties { $0.n = n }
            #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, wanted, at: "n1")) == .bucketSet)
            #expect(bench.put("n\(n)", at: bench.order[0]) { $0.w = .all } != nil)
            bench.cluster.run(for: 4_000_000_000)
            #expect(bench.cluster.disagreements == [])
        }
        // With N 5 all five got everything; with N 1 only the first home gets more.
        #expect(bench.order.map { bench.stored($0).count } == [3, 2, 2, 2, 2])
    }

    @Test(arguments: [0, -1, Int.max]) func anUnusableNIsRefused(n: Int) throws {
        var bench = try Bench()
        let wanted = properties { $0.n = n }
        #expect(bench.wait(for: bench.cluster.setBucket(bench.key.bucket, wanted, at: "n1"))?.failure != nil)
        #expect(bench.cluster.replica("n1")?.bucketProperties(bench.key.bucket) == BucketProperties())
    }
}
