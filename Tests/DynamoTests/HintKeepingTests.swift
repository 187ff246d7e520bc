import Causality
import Dynamo
import Simulation
import Testing

/// How long hints are kept: until their home has what they hold.
struct HintKeepingTests {
    // MARK: A coordinator's own hint

    /// Two puts overlap and one home is late: its answer to the first says nothing of the second.
    @Test func aHintStaysUntilTheHomeHasAllOfIt() throws {
        let members = ["n1", "n2", "n3"].map { Member(name: $0) }
        var replica = try Replica(
            configuration: Configuration(node: "n1", members: members), store: MemoryStore(),
            generator: SplitMix64(seed: 1), now: 0, wallClock: 1)
        var now: Instant = 0
        var sent: [(message: Message, to: String)] = []
        func handle(_ input: Input) {
            var inputs = [input]
            while !inputs.isEmpty {
                now += 1
                for effect in replica.handle(inputs.removeFirst(), at: now, wallClock: 1) {
                    switch effect {
                    case .send(let message, let peer): sent.append((message, peer))
                    case .sync(let token):
                        replica.store.completeSync(covering: replica.store.appliedWrites)
                        inputs.append(.synced(token))
                    default: break
                    }
                }
            }
        }
        var requests: [UInt64] = []
        for value in 1...2 as ClosedRange<UInt8> {
            sent = []
            handle(
                .put(
                    UInt64(value), PutRequest(key: key("k"), context: VersionVector(), content: Content(value: [value]))
                ))
            let number = sent.compactMap {
                if case .replicate(let request, _, _, _) = $0.message { request } else { nil }
            }
            requests.append(try #require(number.first))
            handle(.message(.replicated(request: requests.last ?? 0, ok: true), from: "n2"))
            // The grace is over: the coordinator insures the silent home itself.
            handle(.timer(.request(requests.last.map { $0 | 1 } ?? 0)))
        }
        #expect(try replica.store.hint(key("k"), home: "n3")?.siblings.values.count == 2)
        handle(.message(.replicated(request: requests[0], ok: true), from: "n3"))
        #expect(try replica.store.hint(key("k"), home: "n3")?.siblings.values.count == 2)
        handle(.message(.replicated(request: requests[1], ok: true), from: "n3"))
        #expect(try replica.store.hint(key("k"), home: "n3") == nil)
    }

    // MARK: The hint window

    private func outage(_ length: Int64, window: Int64?) throws -> (bench: Bench, expired: Int) {
        var bench = try Bench {
            $0.configuration.antiEntropy = false
            $0.configuration.readRepair = false
            $0.configuration.hintWindow = window
        }
        let home = bench.order[1]
        bench.crash([home])
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        bench.cluster.run(for: length)
        let expired = bench.cluster.notes.filter { $0.note == .hintExpired(home: home) }.count
        try bench.cluster.restart(home)
        bench.cluster.run(for: 2_000_000_000)
        return (bench, expired)
    }

    @Test func withoutAWindowNoOutageIsTooLong() throws {
        let (bench, expired) = try outage(600_000_000_000, window: nil)
        #expect(bench.stored(bench.order[1]) == ["a"])
        #expect(expired == 0)
    }

    @Test func aWindowDropsOldHintsAndSaysSo() throws {
        let (bench, expired) = try outage(60_000_000_000, window: 30_000_000_000)
        #expect(bench.stored(bench.order[1]) == [])
        #expect(expired == 1)
        #expect(bench.cluster.members.allSatisfy { (try? bench.cluster.replica($0)?.hintCounts) == [:] })
    }

    @Test func aHintWithinItsWindowGoesHome() throws {
        let (bench, expired) = try outage(10_000_000_000, window: 30_000_000_000)
        #expect(bench.stored(bench.order[1]) == ["a"])
        #expect(expired == 0)
    }
}
