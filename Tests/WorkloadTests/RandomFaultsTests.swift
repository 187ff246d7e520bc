import Testing
import Workload

/// Faults at drawn times, as a file says them.
@Suite struct RandomFaultsTests {
    private static let text = """
        operations: 10
        random:
          mean-interval: 700ms
          shortest: 100ms
          longest: 900ms
          overlap: 3
          from: 2s
          until: 30s
          swarm: on
          faults:
            - { kill: home, weight: 3 }
            - { loss: 20%, target: random, for: 2s }
        """

    @Test func everyKeyIsRead() throws {
        let random = try #require(try WorkloadFile.parse(text: Self.text, file: "f.yml").random)
        #expect(random.meanInterval == .milliseconds(700) && random.overlap == 3 && random.swarm)
        #expect(random.shortest == .milliseconds(100) && random.longest == .milliseconds(900))
        #expect(random.from == .seconds(2) && random.until == .seconds(30))
        #expect(
            random.choices == [
                .init(action: .kill(.home()), weight: 3, line: 11),
                .init(
                    action: .links(.loss(0.2), .init(target: .random, direction: .both)), duration: .seconds(2),
                    line: 12),
            ])
    }

    @Test func aLoadThatHasALengthIsTheEnd() throws {
        let workload = try WorkloadFile.parse(
            text: "duration: 12s\nrandom: { faults: [{ pause: n1 }] }", file: "f.yml")
        #expect(workload.random?.until == .seconds(12) && workload.random?.swarm == false)
        #expect(workload.actions == [.pause(.nodes(["n1"]))])
    }
}
