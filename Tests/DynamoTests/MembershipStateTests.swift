import Dynamo
import Testing

/// The membership is a state whose union does not depend on order or repetition.
struct MembershipStateTests {
    private static let founders = (1...3).map { Member(name: "n\($0)") }

    /// Some of a common history, as one node may have heard of it.
    private func some(of whole: MembershipState, _ generator: inout SplitMix64) -> MembershipState {
        func half<T>(_ all: [T]) -> [T] {
            all.filter { _ in Bool.random(using: &generator) }.shuffled(using: &generator)
        }
        return MembershipState(
            founders: whole.founders, partitions: whole.partitions, n: whole.n, changes: half(whole.changes),
            completed: half(whole.completed),
            marks: half(whole.marks).map { mark in
                var mark = mark
                mark.counter = UInt64.random(in: 0...mark.counter, using: &generator)
                mark.ready = mark.counter
                return mark
            })
    }

    private func history(_ generator: inout SplitMix64) -> MembershipState {
        var state = MembershipState(founders: MembershipStateTests.founders, partitions: 16, n: 3)
        for number in 0..<8 {
            let id = state.nextID(node: "n\(Int.random(in: 1...3, using: &generator))", incarnation: 1)
            let kind: MembershipChange.Kind =
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: .leave("n\(Int.random(in: 1...9, using: &generator))")
                case 1: .replace("n\(Int.random(in: 1...9, using: &generator))", by: Member(name: "r\(number)"))
                default: .join(Member(name: "n\(number + 4)", weight: 1 + number % 3))
                }
            state.add(MembershipChange(id: id, kind: kind))
            if Bool.random(using: &generator) { state.complete(id) }
            state.take(.init(node: "n\(number % 4)", counter: UInt64(number), ready: UInt64(number)))
        }
        return state
    }

    @Test func unionIsASemilattice() {
        var generator = SplitMix64(seed: 11)
        for _ in 0..<300 {
            let whole = history(&generator)
            let (a, b, c) = (some(of: whole, &generator), some(of: whole, &generator), some(of: whole, &generator))
            #expect(a.merging(b) == b.merging(a))
            #expect(a.merging(b).merging(c) == a.merging(b.merging(c)))
            #expect(a.merging(a) == a)
            #expect(whole.merging(a) == whole)
            #expect((a.digest == b.digest) == (a == b))
            #expect((a.target == b.target) == (a.changes == b.changes))
        }
    }

    /// A log that is full takes no more, says so and loses nothing; and where several nodes have each taken the last change that
    /// they had room for, they still come to agree.
    @Test func aFullLogRefusesAndStillAgrees() throws {
        var state = MembershipState(founders: MembershipStateTests.founders, partitions: 16, n: 3)
        func add(_ kind: MembershipChange.Kind, by node: String) {
            let id = state.nextID(node: node, incarnation: 1)
            state.add(MembershipChange(id: id, kind: kind))
            state.complete(id)
        }
        for _ in 0..<2_047 {
            add(.join(Member(name: "n4", address: "a:4")), by: "n2")
            add(.leave("n4"), by: "n2")
        }
        add(.join(Member(name: "n4", address: "a:4")), by: "n2")
        var other = state
        let elsewhere = other.nextID(node: "n3", incarnation: 1)
        other.add(MembershipChange(id: elsewhere, kind: .join(Member(name: "n5", address: "a:5"))))

        var store = MemoryStore()
        try store.setMembership(state)
        var configuration = Configuration(node: "n1", members: MembershipStateTests.founders)
        configuration.partitions = 16
        var replica = try Replica(
            configuration: configuration, store: store, generator: SplitMix64(seed: 1), now: 0, wallClock: 0)
        /// Syncs as often as is asked, and takes the answers to administrators.
        func settle(_ effects: [Effect]) -> [MembershipAnswer] {
            var answers: [MembershipAnswer] = []
            var effects = effects
            while !effects.isEmpty {
                switch effects.removeFirst() {
                case .sync(let token): effects += replica.handle(.synced(token), at: 1, wallClock: 1)
                case .membership(_, let answer): answers.append(answer)
                default: break
                }
            }
            return answers
        }
        func answers(to input: Input) -> [MembershipAnswer] { settle(replica.handle(input, at: 1, wallClock: 1)) }
        _ = settle(replica.start(at: 0))
        guard case .accepted(let full)? = answers(to: .membership(1, .leave("n4"))).first else {
            Issue.record("the last change that fits was refused")
            return
        }
        #expect(full.changes.count == 4_096)
        let refused = MembershipAnswer.refused(.tooManyChanges(limit: 4_096))
        #expect(answers(to: .membership(2, .join(Member(name: "n6", address: "a:6")))) == [refused])
        #expect(replica.membershipStatus.changes == 4_096)
        _ = answers(to: .message(.membership(other), from: "n2"))
        #expect(replica.membershipStatus.changes == 4_097)
        #expect(replica.membershipStatus.rows.contains { $0.member.name == "n5" })
    }

    /// Whatever two nodes heard, and in which order: once they have heard the same, they have the same ring.
    @Test func equalStatesGiveEqualRings() throws {
        var generator = SplitMix64(seed: 12)
        let founded = try Ring(members: MembershipStateTests.founders, partitions: 16, n: 3)
        for _ in 0..<50 {
            let whole = history(&generator)
            let a = some(of: whole, &generator), b = some(of: whole, &generator)
            let one = a.merging(b), other = b.merging(a)
            #expect(founded.applying(one.changes.map(\.kind)) == founded.applying(other.changes.map(\.kind)))
        }
    }

    @Test func aNewIDIsAfterEveryKnownOne() {
        var generator = SplitMix64(seed: 13)
        let state = history(&generator)
        let next = state.nextID(node: "a", incarnation: 0)
        #expect(state.changes.allSatisfy { $0.id < next })
        #expect(state.changes.map(\.id) == state.changes.map(\.id).sorted())
    }
}
