import Testing
import Workload

/// What a file is read as.
@Suite struct WorkloadFileTests {
    @Test func everyKeyIsRead() throws {
        let workload = try WorkloadFile.parse(text: Self.complete, file: "runs/complete.yml")
        #expect(workload.name == "all-of-it")
        #expect(workload.store.nodes == 7 && workload.store.n == 5 && workload.store.r == 3 && workload.store.w == 4)
        #expect(workload.store.ring == 128 && workload.store.requestTimeout == .milliseconds(1500))
        #expect(!workload.store.antiEntropy && workload.store.hintedHandoff)
        #expect(!workload.store.readRepair && !workload.store.sloppyQuorum)
        #expect(workload.clients == 9 && workload.length == .duration(.seconds(120)) && workload.rate == 500)
        #expect(workload.keys == KeySpace(count: 50, distribution: .zipf(1.25)))
        #expect(workload.mix == Workload.Mix(get: 1, put: 2, delete: 3, blindPercent: 40))
        #expect(workload.valueSize == 64 && workload.merge == .cart)
        #expect(workload.requestQuorum == Workload.RequestQuorum(r: 1, w: 2))
        #expect(workload.clientTimeout == .milliseconds(250) && workload.settle == .seconds(2))
        #expect(workload.finalReadR == 4 && workload.convergeWithin == .seconds(3600))
        #expect(workload.checkers == [.session, .siblings])
        #expect(workload.require == [Floor(.operations, 5), Floor(.hintsDelivered, 100)])
        #expect(workload.seed == UInt64.max)
        #expect(workload.faults == Self.completeFaults)
    }

    @Test func defaultsHold() throws {
        let workload = try WorkloadFile.parse(text: "clients: 3\n", file: "runs/my load.v2.yml")
        #expect(workload.name == "my-load")
        #expect(workload.clients == 3 && workload.length == .operations(10_000) && workload.rate == nil)
        #expect(workload.finalReadR == workload.store.n && workload.checkers == CheckerChoice.byDefault)
        #expect(workload.faults.isEmpty && workload.require.isEmpty)
    }

    @Test func quorumsShrinkWithTheStore() throws {
        let workload = try WorkloadFile.parse(text: "store: { nodes: 1 }", file: "f.yml")
        #expect(workload.store.n == 1 && workload.store.r == 1 && workload.store.w == 1)
    }

    @Test func aKeyOfMixThatIsLeftOutIsZero() throws {
        let workload = try WorkloadFile.parse(text: "mix: { put: 1 }", file: "f.yml")
        #expect(workload.mix == Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 0))
    }

    @Test func theDescriptionHasEveryKey() {
        let text = WorkloadSchema.describe()
        for section in WorkloadSchema.sections {
            for key in section.keys { #expect(text.contains("  \(key.name) ")) }
        }
    }

    static let complete = """
        # what it proves
        name: all-of-it
        store:
          { kind: dynamo, nodes: 7, n: 5, r: 3, w: 4, ring: 128, anti-entropy: off, hinted-handoff: on, read-repair: off,
            sloppy-quorum: off, request-timeout: 1500ms }
        clients: 9
        duration: 2m
        rate: 500
        keys: { count: 50, distribution: zipf(1.25) }
        mix: { get: 1, put: 2, delete: 3, blind: 40% }
        value-size: 64
        merge: cart
        request: { r: 1, w: 2 }
        client-timeout: 250ms
        final-reads: { r: 4 }
        settle: 2s
        converge-within: 1h
        checkers: [session, siblings]
        require: { hints-delivered: 100, operations: 5 }
        seed: 18446744073709551615
        faults:
          - { kill: home, every: 3s, for: 2s }
          - { pause: n7, at: 0s, for: 10ms }
          - { kill: random, every: 4s, from: 1s, count: 2, for: 1s }
          - { partition: halves, at: 1m, for: 5s, clients: cut }
          - { partition: majority, at: 1s, for: 5s, clients: reachable }
          - { partition: isolate, at: 1s, for: 5s }
          - { partition: isolate, target: home, direction: out, at: 1s, for: 5s }
          - partition: [[n1, n2], [n3]]
            at: 1s
            for: 5s
          - { delay: 30ms, jitter: 5ms, target: [n1, n2], direction: in, at: 1s, for: 5s }
          - { half-open: fallback, at: 1s, for: 5s }
          - { clock: behind, by: 2s, target: recovered, at: 1s, for: 5s }
          - { clock: slow, by: 200, at: 1s, for: 5s }
          - { disk: slow, latency: 9ms, target: homes, at: 1s, for: 5s }
          - { damage: rot, target: minority, at: 1s, for: 5s }
          - { replace: n2, with: n8, at: 1s }

        """

    private static func atOnce(_ action: FaultSpec.Action, line: Int) -> FaultSpec {
        FaultSpec(action: action, schedule: .once(at: .seconds(1)), duration: .seconds(5), line: line)
    }

    static let completeFaults: [FaultSpec] = [
        FaultSpec(
            action: .kill(.home()), schedule: .repeated(every: .seconds(3), from: .seconds(3), count: nil),
            duration: .seconds(2), line: 22),
        FaultSpec(action: .pause(.nodes(["n7"])), schedule: .once(at: .zero), duration: .milliseconds(10), line: 23),
        FaultSpec(
            action: .kill(.random), schedule: .repeated(every: .seconds(4), from: .seconds(1), count: 2),
            duration: .seconds(1), line: 24),
        FaultSpec(
            action: .partition(.halves, clientsCut: true), schedule: .once(at: .seconds(60)), duration: .seconds(5),
            line: 25),
        FaultSpec(
            action: .partition(.majority, clientsCut: false), schedule: .once(at: .seconds(1)), duration: .seconds(5),
            line: 26),
        FaultSpec(
            action: .partition(.isolate(.random, .both), clientsCut: false), schedule: .once(at: .seconds(1)),
            duration: .seconds(5), line: 27),
        FaultSpec(
            action: .partition(.isolate(.home(), .out), clientsCut: false), schedule: .once(at: .seconds(1)),
            duration: .seconds(5), line: 28),
        FaultSpec(
            action: .partition(.groups([["n1", "n2"], ["n3"]]), clientsCut: false), schedule: .once(at: .seconds(1)),
            duration: .seconds(5), line: 29),
        atOnce(
            .links(
                .delay(.milliseconds(30), jitter: .milliseconds(5)),
                .init(target: .nodes(["n1", "n2"]), direction: .in)), line: 32),
        atOnce(.links(.halfOpen, .init(target: .fallback, direction: .both)), line: 33),
        atOnce(.clock(.jump(.seconds(-2)), .recovered), line: 34),
        atOnce(.clock(.drift(-200), .random), line: 35),
        atOnce(.disk(.slow(.milliseconds(9)), .homes()), line: 36),
        atOnce(.files(.rot, .minority), line: 37),
        FaultSpec(
            action: .replace(.nodes(["n2"]), with: "n8"), schedule: .once(at: .seconds(1)), duration: .zero, line: 38),
    ]
}
