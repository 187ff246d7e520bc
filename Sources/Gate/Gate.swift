import Checkers

/// Judges runs by a policy: a pure function of both, of the day, and of the build that judges.
///
/// Absence of evidence never passes: what is missing, cut short, unwitnessed or made by other executables is inconclusive.
public struct Gate: Sendable {
    /// A run that was handed over: what its history shows, or why it cannot be used.
    public enum Submission: Sendable {
        case run(RunFacts)
        case unusable(path: String, reason: String)
    }

    /// What is judged beside the runs.
    public struct Circumstances: Sendable {
        /// The day of the decision, in UTC.
        public var today: CivilDate
        /// The executables that judge.
        public var build: String
        /// What was measured of each baseline run, by the name that the policy gives it.
        public var baselines: [String: Submission]
        /// The calibration that the policy names; nil when it names none.
        public var calibration: Calibration.Reading?

        public init(
            today: CivilDate, build: String, baselines: [String: Submission] = [:],
            calibration: Calibration.Reading? = nil
        ) {
            self.today = today
            self.build = build
            self.baselines = baselines
            self.calibration = calibration
        }
    }

    let policy: Policy
    let circumstances: Circumstances
    private var findings: [Finding] = []

    private init(_ policy: Policy, _ circumstances: Circumstances) {
        self.policy = policy
        self.circumstances = circumstances
    }

    /// Decides.
    public static func decide(
        _ policy: Policy, on submissions: [Submission], under circumstances: Circumstances
    ) -> Decision {
        var gate = Gate(policy, circumstances)
        gate.judgeCompleteness(submissions)
        for submission in submissions { gate.judge(submission) }
        gate.judgeWaivers()
        gate.judgeCalibration()
        var decision = Decision(policy: policy.name)
        decision.findings = gate.findings
        return decision
    }

    // MARK: - The whole

    private mutating func judgeCompleteness(_ submissions: [Submission]) {
        guard !submissions.isEmpty else { return add("runs", .inconclusive, "No run was handed over.") }
        for rule in policy.workloads {
            var seeds: Set<UInt64> = []
            for case .run(let facts) in submissions where facts.workload == rule.workload {
                if let seed = facts.seed { seeds.insert(seed) }
            }
            add(
                "runs of \(rule.workload)", seeds.count >= rule.seeds ? .pass : .inconclusive,
                "\(seeds.count) seeds of \(rule.workload) were run; the policy asks for \(rule.seeds).")
        }
    }

    private mutating func judgeWaivers() {
        for waiver in policy.waivers where waiver.expires < circumstances.today {
            add(
                "waiver", .inconclusive,
                "The waiver for \(waiver.anomaly) (line \(waiver.line), \(waiver.owner): \(waiver.reason)) expired on "
                    + "\(waiver.expires): renew it or remove it.")
        }
    }

    private mutating func judgeCalibration() {
        guard let rule = policy.calibration else { return }
        guard let reading = circumstances.calibration else {
            return add("calibration", .inconclusive, "The calibration \(rule.file) was not read.")
        }
        switch reading {
        case .unusable(let reason): add("calibration", .inconclusive, "\(rule.file) cannot be used: \(reason)")
        case .read(let calibration):
            let objections = calibration.objections(
                rule, today: circumstances.today, build: policy.demandsSameBuild ? circumstances.build : nil)
            for objection in objections { add("calibration", .inconclusive, objection) }
            if objections.isEmpty {
                add(
                    "calibration", .pass,
                    "All \(calibration.flaws.count) flaws were found, and \(calibration.sound.runs) runs of the sound "
                        + "store raised no false alarm (\(calibration.finished.prefix(10))).")
            }
        }
    }

    // MARK: - One run

    private mutating func judge(_ submission: Submission) {
        switch submission {
        case .unusable(let path, let reason): add("history", .inconclusive, reason, path)
        case .run(let facts):
            judgeOrigin(facts)
            judgeEvidence(facts)
            judgeVerdict(facts)
            let rule = policy.workloads.first { $0.workload == facts.workload }
            let demands = rule.map { policy.everywhere.and($0.demands) } ?? policy.everywhere
            judgeFloors(demands.floors, facts)
            judgeCeilings(demands.ceilings, facts)
            if let baseline = rule?.baseline { judge(facts, against: baseline) }
        }
    }

    private mutating func judgeOrigin(_ facts: RunFacts) {
        if policy.demandsSameBuild {
            let isSame = facts.build == circumstances.build
            let made = facts.build.map { "made by build \($0)" } ?? "made by a build that did not leave its name"
            add(
                "build", isSame ? .pass : .inconclusive,
                isSame ? "The run was made by this build." : "The run was \(made); this is \(circumstances.build).",
                facts.path)
        }
        if let flaw = facts.flaw {
            add(
                "flaw", .inconclusive, "The nodes ran with the planted flaw \(flaw): this is no run of the store.",
                facts.path)
        }
    }

    private mutating func judgeEvidence(_ facts: RunFacts) {
        if facts.verdict.events == 0 { add("history", .inconclusive, "The history is empty.", facts.path) }
        if let reason = facts.truncation {
            add("history", .inconclusive, "The history is not complete: \(reason)", facts.path)
        } else if facts.build != nil, facts.record.counters == nil {
            // The last event of a run: without it a text form, which has no end of its own, may have been cut between two lines.
            add(
                "history", .inconclusive, "The history is not complete: its run did not write down what it counted.",
                facts.path)
        }
        guard policy.demandsWitnesses else { return }
        if let first = facts.unwitnessed.first {
            let others = facts.unwitnessed.count > 1 ? " and \(facts.unwitnessed.count - 1) more" : ""
            add("witnesses", .inconclusive, "No witness proves the fault \(first)\(others).", facts.path)
        } else if let witness = facts.record.witnesses.first(where: { !$0.proven }) {
            add(
                "witnesses", .inconclusive,
                "The \(witness.fault) of \(witness.whom) is not proven: \(witness.sentence).", facts.path)
        } else if facts.record.witnesses.isEmpty {
            add(
                "witnesses", .inconclusive,
                "No fault was witnessed in this run (a policy with witnesses: optional lets such runs pass).",
                facts.path)
        } else {
            add("witnesses", .pass, "All \(facts.record.witnesses.count) faults were witnessed.", facts.path)
        }
    }

    private mutating func judgeVerdict(_ facts: RunFacts) {
        if facts.verdict.checkers.isEmpty { add("checkers", .inconclusive, "No checker decided.", facts.path) }
        for (name, result) in facts.verdict.checkers { judge(name.rawValue, result, facts) }
        if let exercise = facts.verdict.exercise { judge("exercise", exercise, facts) }
        if let reason = facts.verdict.reason, facts.truncation == nil {
            add("verdict", .inconclusive, reason, facts.path)
        }
    }

    private mutating func judge(_ name: String, _ result: CheckerResult, _ facts: RunFacts) {
        let rule = "checker \(name)"
        switch result.validity {
        case .valid: add(rule, .pass, "\(name) is true.", facts.path)
        case .unknown:
            add(rule, .inconclusive, "\(name) is unknown: \(result.reason ?? "it gave no reason")", facts.path)
        case .invalid:
            let valid = policy.waivers.filter { $0.expires >= circumstances.today }
            let left = result.anomalies.filter { anomaly in !valid.contains { $0.covers(anomaly, in: facts.workload) } }
            let waived = result.anomalies.count - left.count
            // Anomalies that were counted but not listed can be waived by nobody.
            let unlisted = result.anomalyCount - result.anomalies.count
            if left.isEmpty, unlisted == 0 {
                add(rule, .pass, "\(name) is false, and all its \(waived) anomalies are waived.", facts.path)
                return
            }
            let first = left.first.map { ": \($0.type.name): \($0.message)" } ?? ""
            let also = waived > 0 ? " (\(waived) more are waived)" : ""
            var finding = Finding(
                rule: rule, subject: facts.path, outcome: .fail,
                sentence: "\(name) is false, \(left.count + unlisted) anomalies\(also)\(first)")
            finding.anomalies = left
            findings.append(finding)
        }
    }

    private mutating func judgeFloors(_ floors: [String: Int], _ facts: RunFacts) {
        for (name, minimum) in floors.sorted(by: { $0.key < $1.key }) {
            let count = Count.of(name, in: facts)
            add(
                "floor \(name)", count >= minimum ? .pass : .inconclusive,
                "\(name): \(count), and the policy asks for \(minimum) (\(Count.meaning(of: name))).", facts.path)
        }
    }

    private mutating func judgeCeilings(_ ceilings: Policy.Ceilings, _ facts: RunFacts) {
        judgeCeiling("convergence", facts.exercise.convergence, ceilings.convergence, facts)
        judgeCeiling("p99.9", facts.load.p999, ceilings.p999, facts)
        judgeCeiling("unavailable", facts.load.unavailable, ceilings.unavailable, facts)
    }

    private mutating func judgeCeiling(_ name: String, _ value: Int64?, _ limit: Int64?, _ facts: RunFacts) {
        guard let limit else { return }
        guard let value else {
            return add("limit \(name)", .inconclusive, "\(name) could not be measured in this run.", facts.path)
        }
        add(
            "limit \(name)", value <= limit ? .pass : .fail,
            "\(name): \(Figures.seconds(value)), and the policy allows \(Figures.seconds(limit)).", facts.path)
    }

    // MARK: - Baselines

    private mutating func judge(_ facts: RunFacts, against baseline: Policy.Baseline) {
        let other: RunFacts
        switch circumstances.baselines[baseline.run] {
        case .run(let read): other = read
        case .unusable(_, let reason):
            return add("baseline", .inconclusive, "The baseline cannot be used: \(reason)", facts.path)
        case nil: return add("baseline", .inconclusive, "The baseline \(baseline.run) was not read.", facts.path)
        }
        compare("convergence", facts.exercise.convergence, other.exercise.convergence, baseline.convergence, facts)
        compare("p99.9", facts.load.p999, other.load.p999, baseline.p999, facts)
        guard let least = baseline.throughput else { return }
        let floor = other.load.throughput * Double(least) / 100
        add(
            "baseline throughput", facts.load.throughput >= floor && other.load.ok > 0 ? .pass : .fail,
            "throughput: \(Int(facts.load.throughput)) operations/s; the baseline had \(Int(other.load.throughput)), "
                + "of which \(least) % are asked for.", facts.path)
    }

    private mutating func compare(_ name: String, _ value: Int64?, _ before: Int64?, _ percent: Int?, _ facts: RunFacts)
    {
        guard let percent else { return }
        guard let value, let before else {
            return add("baseline \(name)", .inconclusive, "\(name) could not be measured in both runs.", facts.path)
        }
        let isWithin = Double(value) <= Double(before) * Double(percent) / 100
        add(
            "baseline \(name)", isWithin ? .pass : .fail,
            "\(name): \(Figures.seconds(value)); the baseline took \(Figures.seconds(before)), of which \(percent) % are "
                + "allowed.", facts.path)
    }

    private mutating func add(_ rule: String, _ outcome: Outcome, _ sentence: String, _ subject: String? = nil) {
        findings.append(
            Finding(rule: rule, subject: subject ?? "policy \(policy.name)", outcome: outcome, sentence: sentence))
    }
}
