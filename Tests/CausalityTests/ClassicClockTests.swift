import Causality
import Testing

/// The paper's lists of nodes and counters: what they tell, and what they lose.
struct ClassicClockTests {
    private func actor(_ name: String) -> Actor { Actor(node: name, incarnation: 1) }

    /// Writes as a coordinator does: the counter goes on from the greatest that it knows of its own.
    private func write(
        _ value: String, by node: String, seen: VersionVector, to set: inout SiblingSet<String>, at time: UInt64,
        limit: Int = 10
    ) {
        let counter = max(set.context[actor(node)], seen[actor(node)]) + 1
        set.writeClassic(
            dot: Dot(actor: actor(node), counter: counter), context: seen, at: time, limit: limit, payload: value)
    }

    private func values(_ set: SiblingSet<String>) -> [String] { set.versions.map(\.payload).sorted() }

    @Test func whatWasSeenIsReplacedAndWhatWasNotIsKept() {
        var left = SiblingSet<String>()
        write("a", by: "x", seen: VersionVector(), to: &left, at: 1)
        var right = left
        write("b", by: "x", seen: left.context, to: &left, at: 2)
        write("c", by: "y", seen: right.context, to: &right, at: 3)
        #expect(values(left) == ["b"] && values(right) == ["c"])
        #expect(values(left.merging(right)) == ["b", "c"] && left.merging(right) == right.merging(left))
        var both = left.merging(right)
        write("d", by: "y", seen: both.context, to: &both, at: 4)
        #expect(values(both) == ["d"] && values(both.merging(left)) == ["d"])
    }

    /// Of two that had seen the same and write through one coordinator, the first is lost. That is what dotted versions
    /// are for.
    @Test func theSecondOfTwoThatSawTheSameTakesTheFirstsPlace() {
        var set = SiblingSet<String>()
        write("a", by: "x", seen: VersionVector(), to: &set, at: 1)
        write("b", by: "x", seen: VersionVector(), to: &set, at: 2)
        #expect(values(set) == ["b"])
        var dotted = SiblingSet<String>()
        for (counter, value) in [(1, "a"), (2, "b")] as [(UInt64, String)] {
            dotted.write(dot: Dot(actor: actor("x"), counter: counter), context: VersionVector(), payload: value)
        }
        #expect(values(dotted) == ["a", "b"])
    }

    /// The oldest entry goes, by its time and not by its name; and then a version no longer descends from what it was
    /// made of, which comes back beside it from a replica that still has it.
    @Test func whatATruncatedClockForgotComesBack() {
        var set = SiblingSet<String>()
        for (time, node) in ["c", "a", "b"].enumerated() {
            write(node, by: node, seen: set.context, to: &set, at: UInt64(time + 1), limit: 3)
        }
        let old = set
        write("new", by: "d", seen: set.context, to: &set, at: 4, limit: 3)
        #expect(set.versions.last?.clock.entries.map(\.actor.node) == ["a", "b", "d"])
        #expect(values(set) == ["b", "new"], "the coordinator itself no longer knows that it has replaced b")
        #expect(values(old.merging(set)) == ["b", "new"])
        var whole = old
        write("new", by: "d", seen: old.context, to: &whole, at: 4, limit: 4)
        #expect(values(whole) == ["new"] && values(old.merging(whole)) == ["new"])
    }

    /// The writer's own entry stays, however old the clocks are by which the others were counted.
    @Test func theWritersOwnEntryIsNotTruncated() {
        var clock = VersionVector(entries: [.init(actor: actor("a"), counter: 7, time: 900)])
        clock.insert(Dot(actor: actor("b"), counter: 1), time: 5)
        clock.truncate(to: 1, keeping: actor("b"))
        #expect(clock.entries == [.init(actor: actor("b"), counter: 1, time: 5)])
    }

    @Test func aVersionsPastIsWithoutItsOwnEvent() {
        var set = SiblingSet<String>()
        write("a", by: "x", seen: VersionVector(), to: &set, at: 1)
        #expect(set.versions[0].past == VersionVector())
        write("b", by: "x", seen: set.context, to: &set, at: 2)
        #expect(set.versions[0].past[actor("x")] == 1 && set.versions[0].dot.counter == 2)
    }

    /// Two replicas hold one dot with different clocks, since a truncated clock counted anew: they choose alike.
    @Test func replicasChooseAlikeBetweenTwoVersionsWithOneDot() {
        func version(_ value: String, _ other: String) -> SiblingSet<String> {
            var set = SiblingSet<String>()
            let seen = VersionVector(entries: [.init(actor: actor(other), counter: 1, time: 1)])
            set.writeClassic(
                dot: Dot(actor: actor("x"), counter: 1), context: seen, at: 2, limit: 10, payload: value)
            return set
        }
        let left = version("a", "y")
        let right = version("b", "z")
        #expect(left.merging(right) == right.merging(left))
    }
}
