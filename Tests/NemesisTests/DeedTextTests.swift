import History
import Nemesis
import Testing
import Workload

/// What was done, written as a line of a schedule, is read as what does the same again.
@Suite struct DeedTextTests {
    private static let links = [DirectedLink(from: "n1", to: "n2"), DirectedLink(from: "n3", to: "n1")]

    static let deeds: [Deed] = [
        .kill(["n1", "n4"]), .pause(["n2"]), .powerLoss(["n1", "n2"]), .outOfMemory(["n3"]), .throttle(15, ["n3"]),
        .rollingRestart(["n2", "n3"]),
        .partition(
            groups: [["n1", "n2"], ["n3"]], cuts: DirectedLink.between([["n1", "n2"], ["n3"]]), clientsOf: []),
        .partition(
            groups: [["n1"], ["n2", "n3", "n4", "n5"]],
            cuts: DirectedLink.between([["n1"], ["n2", "n3", "n4", "n5"]]), clientsOf: ["n1"]),
        .cut(links), .trouble(.loss(0.07), links), .trouble(.reorder(0.5), links), .trouble(.duplicate(1), links),
        .trouble(.delay(.milliseconds(1500), jitter: .zero), links),
        .trouble(.delay(.milliseconds(3), jitter: .seconds(2)), links), .trouble(.rate(70_000), links),
        .trouble(.reset, links), .trouble(.halfOpen, links), .clock(.jump(.seconds(60)), ["n2"]),
        .clock(.jump(.milliseconds(-1500)), ["n2"]), .clock(.drift(-200), ["n1"]), .clock(.drift(70), ["n1"]),
        .clock(.strobe(.seconds(3), period: .milliseconds(20)), ["n5"]), .disk(.full, ["n1"]), .disk(.error, ["n1"]),
        .disk(.readOnly, ["n1", "n2"]), .disk(.slow(.milliseconds(9)), ["n1"]), .damage(.rot, ["n3"]),
        .damage(.wipe, ["n3"]), .join("n6"), .leave("n2"), .replace("n2", with: "n6"),
    ]

    @Test(arguments: deeds) func isReadAsTheSameDeed(_ deed: Deed) async throws {
        let times = deed.isLasting ? "at: 0ms, for: 10ms" : "at: 0ms"
        let schedule = try ScheduleFile.parse(
            text: "faults:\n  - { \(deed.line), \(times) }", file: "s.yml", store: StoreSpec())
        let nemesis = NemesisRunner(
            plan: FaultPlan(schedule.faults), hotKeys: [], bench: PaperBench(), sink: PaperSink(), seed: 1)
        let reports = await nemesis.run()
        #expect(reports.map(\.deed) == [deed])
    }
}
