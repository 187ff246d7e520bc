import History
import Report
import Testing

@Suite struct ScheduleTextTests {
    private func event(_ time: Int64, _ name: String, _ extras: String) -> EventDraft {
        var draft = EventDraft(time, .controller, .info, .other)
        draft.name = name
        draft.extras = extras
        return draft
    }

    private func history(ends: Bool = true) -> History {
        var history = History()
        history.header.nodes = ["n1", "n2"]
        history.header.extras = "\"workload\":\"w\",\"seed\":7,\"checkers\":[],\"require\":{}"
        var load = EventDraft(1_000_000_000, .controller, .info, .phase)
        load.value = "load"
        history.append(load)
        history.append(
            event(
                9_000_000_000, "witness",
                "\"value\":{\"fault\":\"kill\",\"line\":\"kill: [n1]\",\"nodes\":[\"n1\"],\"drawn\":\"home of key-0\","
                    + "\"call\":3000400000,\"begin\":3010000000,\"end\":5010000000,\"gone\":5200000000,\"effect_ns\":9600000,"
                    + "\"proven\":true,\"sentence\":\"x\"}"))
        history.append(
            event(
                9_000_000_000, "witness",
                "\"value\":{\"fault\":\"join\",\"line\":\"join: n3\",\"nodes\":[\"n3\"],"
                    + "\"call\":2000000000,\"begin\":2000000000,\"end\":5010000000,\"gone\":5200000000,\"effect_ns\":0,"
                    + "\"proven\":false,\"sentence\":\"x\"}"))
        history.append(
            event(
                9_000_000_000, "witness",
                "\"value\":{\"fault\":\"crash\",\"nodes\":[\"n2\"],\"call\":1,\"begin\":1,\"end\":1,\"gone\":1,"
                    + "\"effect_ns\":0,\"proven\":false,\"sentence\":\"x\"}"))
        if ends {
            history.append(
                event(
                    9_000_000_001, "counters",
                    "\"value\":{\"hints_stored\":0,\"hints_delivered\":0,\"keys_repaired\":0,\"read_repairs\":0,"
                        + "\"packets\":0,\"bytes\":0}"))
        }
        return history
    }

    @Test func timesCountFromTheLoadAndWhatNobodyDidIsLeftOut() throws {
        let text = try ScheduleText.text(of: history())
        #expect(
            text.split(separator: "\n").dropFirst() == [
                "workload: w", "seed: 7", "nodes: [n1, n2]", "faults:",
                "  - { join: n3, at: 1000ms }  # NOT PROVEN",
                "  - { kill: [n1], at: 2000ms, for: 2000ms }  # home of key-0; witnessed",
            ])
    }

    @Test func aRunThatWasCutShortHasNone() {
        #expect(throws: ScheduleText.Missing.self) { try ScheduleText.text(of: history(ends: false)) }
        #expect(throws: ScheduleText.Missing.self) { try ScheduleText.text(of: History()) }
    }
}
