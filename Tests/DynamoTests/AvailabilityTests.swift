import Causality
import Dynamo
import Simulation
import Testing

/// Writes are taken as long as one node can be reached, and as long as one disk works.
struct AvailabilityTests {
    private let everybody = 0..<5

    /// What homes hold once everything is well again and has settled.
    private func settled(_ bench: inout Bench) -> [[String]] {
        for _ in 0..<100 where !bench.cluster.isSettled { bench.cluster.run(for: 100_000_000) }
        return bench.order.prefix(3).map { bench.stored($0) }
    }

    // MARK: One node

    @Test(arguments: 0..<5) func theLastNodeAliveTakesEveryWrite(place: Int) throws {
        for antiEntropy in [true, false] {
            var bench = try Bench { $0.configuration.antiEntropy = antiEntropy }
            let survivor = bench.order[place]
            bench.crash(bench.order.filter { $0 != survivor })
            let values = (0..<10).map { "v\($0)" }
            for value in values {
                #expect(bench.put(value, at: survivor) { $0.w = .one }?.dot != nil, "\(value) at place \(place)")
            }
            // Not even its own death loses them.
            bench.cluster.crash(survivor)
            for node in bench.order { try bench.cluster.restart(node) }
            #expect(settled(&bench) == [values, values, values])
        }
    }

    @Test(arguments: 0..<5) func soDoesTheNodeThatIsCutOff(place: Int) throws {
        var bench = try Bench { $0.network.refusedPerCent = 0 }
        let alone = bench.order[place]
        bench.cluster.cut([[alone], bench.order.filter { $0 != alone }])
        bench.cluster.run(for: 1_500_000_000)
        for value in ["a", "b", "c"] { #expect(bench.put(value, at: alone) { $0.w = .one }?.dot != nil) }
        #expect(bench.put("d", at: bench.order[(place + 1) % 5])?.dot != nil)
        bench.cluster.heal()
        let all = ["a", "b", "c", "d"]
        #expect(settled(&bench) == [all, all, all])
    }

    // MARK: Disks

    /// A node with a read-only disk neither served nor died (basho/riak_kv#1714). Here others take its writes over, and
    /// it serves again when the disk does.
    @Test(arguments: [true, false]) func aNodeWhoseDiskRefusesPassesItsWritesOn(operations: Bool) throws {
        var bench = try Bench()
        let home = bench.order[0]
        bench.cluster.failStorage(home, operations: operations, syncs: !operations)
        var values: [String] = []
        for node in bench.order {
            values.append("at \(node)")
            #expect(bench.put("at \(node)", at: node)?.dot != nil)
        }
        values.sort()
        #expect(bench.get(at: bench.order[4])?.siblings?.values == values)
        bench.cluster.failStorage(home, operations: false, syncs: false)
        #expect(settled(&bench) == [values, values, values])
        #expect(bench.put("again", at: home)?.dot?.actor.node == home)
    }

    /// Every disk fails: nobody has written anything, and the client is told so.
    @Test func whereNoDiskWorksNothingIsWritten() throws {
        var bench = try Bench()
        for node in bench.order { bench.cluster.failStorage(node, operations: true, syncs: false) }
        for node in bench.order {
            let failure = bench.put("a", at: node)?.failure
            #expect(failure == .unwritten("the disk fails"), "\(String(describing: failure))")
        }
        for node in bench.order { bench.cluster.failStorage(node, operations: false, syncs: false) }
        bench.cluster.run(for: 2_000_000_000)
        #expect(bench.get(at: bench.order[0])?.siblings == Siblings())
    }

    /// A write that its disk refused may not be taken over once a later write, which is on disk, was built upon it.
    @Test func noWriteIsTakenOverThatMayBeOnDisk() throws {
        for seed in 1...20 as ClosedRange<UInt64> {
            var bench = try Bench(seed: seed) { $0.syncTime = 20_000_000...20_000_000 }
            let home = bench.order[0]
            bench.cluster.failStorage(home, operations: false, syncs: true)
            var requests: [RequestID?] = []
            for value in ["a", "b"] {
                let put = PutRequest(
                    key: bench.key, context: VersionVector(), content: Content(value: Array(value.utf8)))
                requests.append(bench.cluster.put(put, at: home))
                bench.cluster.run(for: 15_000_000)
            }
            bench.cluster.run(for: Int64(seed) * 1_000_000)
            bench.cluster.failStorage(home, operations: false, syncs: false)
            bench.cluster.run(for: 2_000_000_000)
            #expect(bench.cluster.takeReplies().filter { requests.contains($0.request) }.count == 2)
            for stored in settled(&bench) {
                #expect(Set(stored).count == stored.count, "seed \(seed): a put made two versions: \(stored)")
            }
        }
    }
}
