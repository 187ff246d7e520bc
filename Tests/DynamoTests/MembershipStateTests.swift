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
