import Causality
import Dynamo
import Simulation
import Testing

/// Merkle exchange: complete, quick, and in proportion to the difference.
struct AntiEntropyTests {
    /// A cluster in which only the exchange repairs, with some objects on every home.
    private func loaded(_ objects: Int) throws -> Bench {
        var bench = try Bench {
            $0.configuration.partitions = 64
            $0.configuration.hintedHandoff = false
            $0.configuration.readRepair = false
            $0.configuration.w = .count(1)
            $0.syncTime = 10_000...50_000
            $0.network.latency = 10_000...100_000
        }
        for number in 0..<objects { bench.write("object\(number)", "v") }
        bench.cluster.run(for: 3_000_000_000)
        #expect(bench.cluster.disagreements == [])
        return bench
    }

    @Test func onlyWhatDiffersTravels() throws {
        var bench = try loaded(2_000)
        let before = bench.cluster.repairedObjects
        bench.cluster.crash("n2")
        bench.cluster.run(for: 1_500_000_000)
        for number in 0..<30 { bench.write("object\(number * 7)", "w", avoiding: "n2") }
        bench.cluster.run(for: 500_000_000)
        try bench.cluster.restart("n2")
        let behind = bench.cluster.disagreements.count
        bench.cluster.run(for: 4_000_000_000)
        #expect(behind > 5)
        #expect(bench.cluster.disagreements == [])
        let sent = bench.cluster.repairedObjects - before
        // Two homes may begin to repair the same object at once, and each sends it one way or both.
        #expect((behind...behind * 4).contains(sent), "\(sent) objects for \(behind) that differed, of 2000")
        bench.cluster.run(for: 10_000_000_000)
        #expect(bench.cluster.repairedObjects - before == sent, "nothing travels once nothing differs")
    }

    @Test func everyPairIsComparedWithinTwoSeconds() throws {
        var bench = try loaded(0)
        let begun = bench.cluster.notes.count
        bench.cluster.run(for: 2_250_000_000)
        var compared: Set<String> = []
        for (node, note) in bench.cluster.notes.dropFirst(begun) {
            if case .exchanged(let partition, let peer, _) = note {
                compared.insert("\(partition) \([node, peer].sorted())")
            }
        }
        // Three pairs of homes for each of 64 partitions (riak_kv#1106: ranges that were never exchanged).
        #expect(compared.count == 3 * 64)
    }

    @Test func aLostDiskIsFilledAgain() throws {
        var bench = try loaded(3_000)
        bench.cluster.crash("n3")
        try bench.cluster.restart("n3", wiped: true)
        bench.cluster.run(for: 5_000_000_000)
        #expect(bench.cluster.disagreements == [])
    }

    /// The object can be neither read nor coordinated at that home until it is back; nothing else is affected, and no
    /// dot is assigned twice although this home has forgotten which it did.
    @Test func aCorruptObjectIsFoundAndBroughtBack() throws {
        var bench = try loaded(200)
        let key = DynamoTests.key("object7")
        let home = try #require(bench.cluster.replica("n1")?.homes(of: key).first)
        let before = try #require(try bench.cluster.replica(home)?.store.object(key))
        bench.cluster.corrupt(key, at: home)
        #expect(throws: (any Error).self) { try bench.cluster.replica(home)?.store.object(key) }
        bench.cluster.run(for: 8_000_000_000)
        #expect(bench.cluster.notes.contains { $0.node == home && $0.note == .objectCorrupt(key) })
        #expect(try bench.cluster.replica(home)?.store.object(key) == before)
        #expect(bench.cluster.disagreements == [])
        let request = PutRequest(key: key, context: VersionVector(), content: Content(value: [1]))
        let dot = bench.wait(for: bench.cluster.put(request, at: home))?.dot
        #expect(dot?.actor.node == home)
        #expect(before.versions.allSatisfy { $0.dot.actor != dot?.actor }, "an incarnation of its own")
    }

    @Test func rootsAreThoseOfTheStoredObjects() throws {
        let bench = try loaded(300)
        for name in bench.cluster.members {
            var replica = try #require(bench.cluster.replica(name))
            var rebuilt = try Replica(
                configuration: replica.configuration, store: replica.store, generator: SplitMix64(seed: 9), now: 0,
                wallClock: 0)
            for partition in replica.homePartitions {
                #expect(replica.merkleRoot(partition: partition) == rebuilt.merkleRoot(partition: partition))
            }
            let stranger = (0..<64).first { !replica.homePartitions.contains($0) }
            #expect(replica.merkleRoot(partition: try #require(stranger)) == nil)
        }
    }
}

extension Bench {
    /// Writes another key through its first home that is up.
    fileprivate mutating func write(_ name: String, _ value: String, avoiding node: String = "") {
        let key = DynamoTests.key(name)
        guard let homes = cluster.replica("n1")?.homes(of: key), let home = homes.first(where: { $0 != node }) else {
            return
        }
        let content = Content(value: Array(value.utf8))
        _ = cluster.put(PutRequest(key: key, context: VersionVector(), content: content), at: home)
        cluster.run(for: 300_000)
    }
}
