import Causality
import Dynamo
import Simulation
import Testing

/// A member's answers to who would reap a tombstone.
struct ReapWatchTests {
    /// Asks a replica whether two tombstones may go, and gives the positions of those to which it agrees.
    private func positions(
        cleared store: MemoryStore, hashes: [Hash128], before: [Input] = [], between: [Input] = [], echoes: Bool = true,
        syncs: Bool = true, reapAfter: Int64 = 1, strangers: Bool = false
    ) throws -> (cleared: [Int]?, confirmed: [Int]?) {
        let members = ["n1", "n2", "n3"].map { Member(name: $0) }
        var configuration = Configuration(node: "n2", members: members)
        configuration.reapAfter = reapAfter
        var replica = try Replica(
            configuration: configuration, store: store, generator: SplitMix64(seed: 1), now: 0, wallClock: 0)
        var now: Instant = 10
        var cleared: [Int]?
        var confirmed: [Int]?
        func handle(_ input: Input) {
            var inputs = [input]
            while !inputs.isEmpty {
                now += 1
                for effect in replica.handle(inputs.removeFirst(), at: now, wallClock: 0) {
                    switch effect {
                    case .sync(let token) where syncs: inputs.append(.synced(token))
                    case .send(.flush(let request), let peer) where echoes:
                        inputs.append(.message(.flushed(request: request), from: peer))
                    case .send(.reapClear(9, let positions), "n1"): cleared = positions
                    case .send(.reapConfirmed(9, let positions), "n1"): confirmed = positions
                    default: break
                    }
                }
            }
        }
        let entries = zip(["k", "l"], hashes).map { LeafEntry(key: key($0), hash: $1) }
        let digest = MembershipDigest(MembershipState(founders: members, partitions: 64, n: 3))
        let asked = strangers ? digest.state &+ 1 : digest.state
        for input in before { handle(input) }
        handle(.message(.reapCheck(round: 9, membership: asked, entries: entries), from: "n1"))
        for input in between { handle(input) }
        handle(.message(.reapConfirm(round: 9), from: "n1"))
        return (cleared, confirmed)
    }

    private func siblings(_ counter: UInt64, tombstone: Bool) -> Siblings {
        var siblings = Siblings()
        siblings.write(
            dot: Dot(actor: Actor(node: "n1", incarnation: 1), counter: counter), context: VersionVector(),
            payload: Content(value: []), tombstone: tombstone)
        return siblings
    }

    @Test func aMemberAgreesOnlyToWhatIsAtRest() throws {
        let grave = siblings(2, tombstone: true)
        let old = siblings(1, tombstone: false)
        var store = MemoryStore()
        for name in ["k", "l"] { try store.putObject(key(name), grave) }
        let hashes = [grave.hash, grave.hash]
        var answer = try positions(cleared: store, hashes: hashes)
        #expect(answer.cleared == [0, 1] && answer.confirmed == [0, 1])
        // Another tombstone, or none.
        answer = try positions(cleared: store, hashes: [grave.hash, old.hash])
        #expect(answer.cleared == [0] && answer.confirmed == [0])
        // A hint may hold something older.
        var hinting = store
        try hinting.putHint(HintedObject(key: key("k"), home: "n3", siblings: old, incarnation: 0))
        #expect(try positions(cleared: hinting, hashes: hashes).cleared == [1])
        // Somebody is not asked, or moves.
        #expect(try positions(cleared: store, hashes: hashes, strangers: true).cleared == [])
        // What it has said before must have arrived, and what it has found must be on disk.
        #expect(try positions(cleared: store, hashes: hashes, echoes: false).cleared == nil)
        #expect(try positions(cleared: store, hashes: hashes, syncs: false).cleared == nil)
        // Messages of an earlier life of it may still be under way.
        #expect(try positions(cleared: store, hashes: hashes, reapAfter: 1_000_000).cleared == [])
        // A request for the key is open, and may hold something older.
        let open: [Input] = [
            .get(1, GetRequest(key: key("k"))),
            .put(1, PutRequest(key: key("l"), context: VersionVector(), content: Content(value: []))),
        ]
        #expect(try positions(cleared: store, hashes: hashes, before: [open[0]]).cleared == [1])
        #expect(try positions(cleared: store, hashes: hashes, before: [open[1]]).cleared == [0])
    }

    @Test func aMemberTellsWhatTouchedAKeySince() throws {
        let grave = siblings(2, tombstone: true)
        let old = siblings(1, tombstone: false)
        var store = MemoryStore()
        for name in ["k", "l"] { try store.putObject(key(name), grave) }
        let contacts: [Input] = [
            .get(1, GetRequest(key: key("k"))),
            .put(1, PutRequest(key: key("k"), context: VersionVector(), content: Content(value: []))),
            .message(.replicate(request: 1, key: key("k"), siblings: old, hintFor: nil), from: "n3"),
            .message(.replicate(request: 1, key: key("k"), siblings: old, hintFor: "n1"), from: "n3"),
            .message(.handoff(request: 1, key: key("k"), siblings: old), from: "n3"),
            .message(
                .repair(
                    exchange: 1, partition: 0, objects: [KeyedSiblings(key: key("k"), siblings: old)], wanted: []),
                from: "n3"),
        ]
        for contact in contacts {
            let answer = try positions(cleared: store, hashes: [grave.hash, grave.hash], between: [contact])
            #expect(answer.cleared == [0, 1] && answer.confirmed == [1], "\(contact)")
        }
    }

    /// Between its answer and the confirmation somebody joined, who was not asked.
    @Test func aMemberTakesItsWordBackWhenTheMembershipChanges() throws {
        let grave = siblings(2, tombstone: true)
        var store = MemoryStore()
        for name in ["k", "l"] { try store.putObject(key(name), grave) }
        var state = MembershipState(founders: ["n1", "n2", "n3"].map { Member(name: $0) }, partitions: 64, n: 3)
        state.add(
            MembershipChange(id: state.nextID(node: "n1", incarnation: 1), kind: .join(Member(name: "n4"))))
        let answer = try positions(
            cleared: store, hashes: [grave.hash, grave.hash], between: [.message(.membership(state), from: "n3")])
        #expect(answer.cleared == [0, 1] && answer.confirmed == [])
    }

    /// What was written while the round came to its end stays.
    @Test func onlyTheVeryTombstoneIsReaped() throws {
        let grave = siblings(2, tombstone: true)
        let other = siblings(3, tombstone: true)
        var store = MemoryStore()
        for name in ["k", "l"] { try store.putObject(key(name), grave) }
        let members = ["n1", "n2", "n3"].map { Member(name: $0) }
        var replica = try Replica(
            configuration: Configuration(node: "n2", members: members), store: store, generator: SplitMix64(seed: 1),
            now: 0, wallClock: 0)
        let entries = [LeafEntry(key: key("k"), hash: grave.hash), LeafEntry(key: key("l"), hash: other.hash)]
        _ = replica.handle(.message(.reap(entries: entries), from: "n1"), at: 10, wallClock: 0)
        #expect(try replica.store.object(key("k")) == nil && replica.store.object(key("l")) == grave)
    }
}
