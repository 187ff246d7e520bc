import Causality
import Dynamo
import Simulation
import Testing

/// Nothing is confirmed, and nothing leaves a node, before it is on that node's disk.
struct DurabilityTests {
    private func replica(seed: UInt64 = 1, store: MemoryStore = MemoryStore()) throws -> Replica<MemoryStore> {
        let members = ["n1", "n2", "n3"].map { Member(name: $0) }
        return try Replica(
            configuration: Configuration(node: "n1", members: members), store: store, generator: SplitMix64(seed: seed),
            now: 0,
            wallClock: 0)
    }

    private func answers(_ effects: [Effect]) -> [Message] {
        effects.compactMap { effect in
            if case .send(let message, _) = effect { message } else { nil }
        }
    }

    private func tokens(_ effects: [Effect]) -> [UInt64] {
        effects.compactMap { effect in
            if case .sync(let token) = effect { token } else { nil }
        }
    }

    private let siblings = Siblings(versions: [
        .init(
            dot: Dot(actor: Actor(node: "n2", incarnation: 1), counter: 1), clock: VersionVector(),
            payload: Content(value: [1]))
    ])

    /// The second time there is nothing to write, but what is there is not durable yet: both stand and fall with one
    /// sync.
    @Test(arguments: [true, false]) func theSameWriteTwiceIsConfirmedByTheSyncThatCoversIt(succeeds: Bool) throws {
        var replica = try replica()
        _ = replica.start(at: 0)
        func replicate(_ request: UInt64) -> Input {
            .message(.replicate(request: request, key: key("k"), siblings: siblings, hintFor: nil), from: "n2")
        }
        let first = replica.handle(replicate(1), at: 1, wallClock: 0)
        let token = try #require(tokens(first).first)
        let writes = replica.store.appliedWrites
        let second = replica.handle(replicate(2), at: 2, wallClock: 0)
        #expect(answers(first) == [] && answers(second) == [] && tokens(second) == [])
        if succeeds { replica.store.completeSync(covering: writes) } else { replica.store.refuseSync(covering: writes) }
        let ended = replica.handle(succeeds ? .synced(token) : .syncFailed(token, reason: "full"), at: 3, wallClock: 0)
        #expect(answers(ended) == [.replicated(request: 1, ok: succeeds), .replicated(request: 2, ok: succeeds)])
        #expect(try replica.store.object(key("k")) == (succeeds ? siblings : nil))
        // Durable, and nothing new: no sync is needed.
        if succeeds {
            #expect(answers(replica.handle(replicate(3), at: 4, wallClock: 0)) == [.replicated(request: 3, ok: true)])
        }
    }

    @Test func aFetchWaitsForTheDisk() throws {
        var replica = try replica()
        _ = replica.start(at: 0)
        let write = replica.handle(
            .message(.replicate(request: 1, key: key("k"), siblings: siblings, hintFor: nil), from: "n2"), at: 1,
            wallClock: 0)
        let fetch = replica.handle(.message(.fetch(request: 2, key: key("k")), from: "n3"), at: 2, wallClock: 0)
        #expect(answers(fetch) == [])
        let synced = replica.handle(.synced(try #require(tokens(write).first)), at: 3, wallClock: 0)
        #expect(answers(synced).last == .fetched(request: 2, siblings: siblings, ok: true))
    }

    /// Two puts of one key overlap; the node dies when the first is durable and the second is not. Had the second gone
    /// out with the first, its dot would be assigned again after the restart.
    @Test func aVersionThatIsNotDurableIsNotShipped() throws {
        var bench = try Bench { $0.syncTime = 50_000_000...50_000_000 }
        func put(_ value: String) -> PutRequest {
            PutRequest(key: bench.key, context: VersionVector(), content: Content(value: Array(value.utf8)))
        }
        _ = bench.cluster.put(put("a"), at: bench.order[0])
        bench.cluster.run(for: 20_000_000)
        _ = bench.cluster.put(put("b"), at: bench.order[0])
        bench.cluster.run(for: 40_000_000)
        bench.cluster.crash(bench.order[0])
        try bench.cluster.restart(bench.order[0])
        bench.cluster.run(for: 1_000_000_000)
        #expect(bench.put("c", at: bench.order[0])?.siblings?.values == ["a", "c"])
        bench.cluster.run(for: 3_000_000_000)
        #expect(bench.order.prefix(3).map { bench.stored($0) } == [["a", "c"], ["a", "c"], ["a", "c"]])
    }

    /// An answer to an earlier life of a node must not be taken for one to this life: its numbers do not begin anew.
    @Test func requestNumbersDoNotBeginAnewWithALife() throws {
        var first = try replica(seed: 1)
        let before = answers(first.start(at: 0))
        var second = try replica(seed: 2, store: first.store)
        #expect(Set(before).isDisjoint(with: answers(second.start(at: 0))))
    }
}
