import Checkers
import Gate
import History

/// Runs as a gate gets them, made of synthetic histories that all default checkers find valid.
enum Histories {
    static let build = "build-1"

    /// A good run: witnessed, complete, of this build.
    static func good(
        workload: String = "test", seed: UInt64 = 5, build: String? = build, flaw: String? = nil,
        witnesses: [String] = [witness(proven: true)], isWhole: Bool = true
    ) -> History {
        var history = SyntheticHistory.generate(events: 3000, keys: 20, clients: 8, seed: seed)
        var members = ["\"workload\":\"\(workload)\"", "\"seed\":\(seed)"]
        if let build { members.append("\"build\":\"\(build)\"") }
        if let flaw { members.append("\"flaw\":\"\(flaw)\"") }
        history.header.extras = members.joined(separator: ",")
        let last = history.events.last?.time ?? 0
        for witness in witnesses {
            var draft = EventDraft(last, .controller, .info, .other)
            draft.name = "witness"
            draft.extras = "\"value\":\(witness)"
            history.append(draft)
        }
        guard isWhole else { return history }
        var counters = EventDraft(last, .controller, .info, .other)
        counters.name = "counters"
        counters.extras =
            "\"value\":{\"hints_stored\":1,\"hints_delivered\":1,\"keys_repaired\":1,\"read_repairs\":1,\"packets\":1,\"bytes\":1}"
        history.append(counters)
        return history
    }

    /// A witness of everything that a nemesis did from begin to end.
    static func witness(proven: Bool, end: Int64 = .max) -> String {
        "{\"fault\":\"kill\",\"nodes\":[\"n1\"],\"begin\":0,\"end\":\(end),\"effect_ns\":0,\"proven\":\(proven),"
            + "\"sentence\":\"the kernel reported n1 as ended\"}"
    }

    static func facts(_ history: History, path: String = "runs/1", checkers: [CheckerName] = []) -> RunFacts {
        RunFacts(history, path: path, checkers: checkers)
    }

    /// A policy that demands one good run of `test`.
    static func policy(_ change: (inout Policy) -> Void = { _ in }) -> Policy {
        var policy = Policy(name: "release")
        policy.workloads = [Policy.WorkloadRule(workload: "test")]
        change(&policy)
        return policy
    }

    static let today = CivilDate(day: 20_000)

    static func decide(
        _ policy: Policy, _ submissions: [Gate.Submission], baselines: [String: Gate.Submission] = [:],
        calibration: Calibration.Reading? = nil
    ) -> Decision {
        Gate.decide(
            policy, on: submissions,
            under: Gate.Circumstances(today: today, build: build, baselines: baselines, calibration: calibration))
    }
}
