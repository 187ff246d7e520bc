import Testing
import Workload

/// Schedules as files.
@Suite struct ScheduleFileTests {
    private func parse(_ text: String) throws -> ScheduleFile.Schedule {
        try ScheduleFile.parse(text: text, file: "s.yml", store: StoreSpec())
    }

    private static let faults = [
        FaultSpec(
            action: .kill(.nodes(["n3"])), schedule: .once(at: .milliseconds(2001)), duration: .seconds(3), line: 3),
        FaultSpec(
            action: .links(.loss(0.2), scope(.init(from: "n1", to: "n2"))), schedule: .once(at: .seconds(4)),
            duration: .seconds(1), line: 4),
    ]

    private static func scope(_ link: FaultSpec.Link) -> FaultSpec.Scope {
        var scope = FaultSpec.Scope(target: .nodes([]), direction: .both)
        scope.links = [link]
        return scope
    }

    @Test func yamlAndJSONSayTheSame() throws {
        let yaml = try parse(
            """
            seed: 9
            faults:
              - { kill: [n3], at: 2001ms, for: 3s }
              - { loss: 20%, links: [n1->n2], at: 4s, for: 1s }
            """)
        #expect(yaml.faults == Self.faults && yaml.seed == 9)
        let json = try parse(
            """
            {"seed": 9, "faults": [

            {"kill": ["n3"], "at": "2001ms", "for": "3s"},
            {"loss": "20%", "links": ["n1->n2"], "at": "4s", "for": "1s"}]}
            """)
        #expect(json == yaml)
    }

    @Test func noFaultAtAllIsASchedule() throws {
        #expect(try parse("faults: []").faults.isEmpty)
    }

    @Test(arguments: [
        (
            "faults:\n  - { kill: [n6], at: 1s, for: 2s }",
            "s.yml:2: faults[1].kill must list some of n1, n2, n3, n4, n5, each once"
        ),
        (
            "seed: 1\nfault: []",
            "s.yml:2: unknown key \"fault\"; did you mean \"faults\"? allowed: workload, seed, nodes, faults"
        ),
        ("seed: 1", "s.yml:1: a schedule must have the key faults, a list (empty: no fault)"),
        ("[]", "s.yml:1: a schedule must be a mapping with the key faults, not a list"),
        (
            "nodes: [n1, n2]\nfaults: []",
            "s.yml:1: nodes are n1, n2, but the workload's store has n1, n2, n3, n4, n5"
        ),
        (
            "{\"faults\": [\n{\"cut\": [\"n1->n9\"], \"at\": \"1s\", \"for\": \"1s\"}]}",
            "s.yml:2: faults[1].cut must be a list of links such as [n1->n2], each once, between n1, n2, n3, n4, n5, not \"n1->n9\""
        ),
    ])
    func whatIsWrongIsNamed(text: String, sentence: String) {
        #expect(performing: { try parse(text) }, throws: { "\($0)" == sentence })
    }
}
