import Gate

/// What a night came to, read from the index.
public struct NightSummary: Sendable {
    public let night: NightIndex.NightRow
    public let runs: [NightIndex.RunRow]
    public let signatures: [NightIndex.SignatureRow]

    /// A failure that the night found: signatures of the same anomaly whose reduced runs need the same faults are one, in
    /// whatever workloads it showed.
    public struct Failure: Sendable, Hashable {
        public var anomaly: String
        /// Ascending.
        public var workloads: [String]
        /// The kinds of fault that it needs, ascending; nil: not known.
        public var neededFaults: [String]?
        /// What was folded, the smallest reduced run first.
        public var rows: [NightIndex.SignatureRow]

        /// `missed-handoff in handoff, needs kill`
        public var signature: String {
            let place = "\(anomaly) in \(workloads.joined(separator: " and "))"
            guard let neededFaults else { return place }
            return place
                + (neededFaults.isEmpty ? ", needs no fault" : ", needs \(neededFaults.joined(separator: "+"))")
        }
    }

    /// - Throws: what the index throws.
    public init(_ night: NightIndex.NightRow, _ index: NightIndex) throws {
        self.night = night
        runs = try index.runs(of: night.id)
        signatures = try index.signatures(of: night.id)
    }

    private var matrix: [NightIndex.RunRow] { runs.filter { $0.kind == .matrix } }

    /// The failures, the most frequent first.
    public var failures: [Failure] {
        var failures: [Failure] = []
        for row in signatures {
            guard let signature = Signature(row.signature) else { continue }
            let place = failures.firstIndex {
                $0.anomaly == signature.anomaly && row.neededFaults != nil && $0.neededFaults == row.neededFaults
            }
            if let place {
                failures[place].rows.append(row)
                failures[place].workloads = Set(failures[place].workloads + [signature.workload]).sorted()
            } else {
                failures.append(
                    Failure(
                        anomaly: signature.anomaly, workloads: [signature.workload], neededFaults: row.neededFaults,
                        rows: [row]))
            }
        }
        for place in failures.indices {
            failures[place].rows.sort { ($0.reducedOperations ?? .max) < ($1.reducedOperations ?? .max) }
        }
        return failures
    }

    /// As a decision, so that it can be shown in every form that a gate's answer has.
    public var decision: Decision {
        var decision = Decision(policy: night.plan, kind: "night")
        if matrix.isEmpty {
            decision.findings.append(
                Finding(
                    rule: "matrix", subject: night.directory, outcome: .inconclusive,
                    sentence: "Not a single run of the matrix was made in the time given."))
        }
        for run in runs where run.kind == .canary || run.kind == .matrix {
            decision.findings.append(finding(run))
        }
        for failure in failures { decision.findings.append(finding(failure)) }
        return decision
    }

    public var outcome: Outcome { decision.outcome }

    private func finding(_ run: NightIndex.RunRow) -> Finding {
        let what = "\(run.workload)/\(run.store) seed \(run.seed)"
        if run.kind == .canary {
            let isRed = run.status == "invalid"
            return Finding(
                rule: "canary", subject: run.path, outcome: isRed ? .pass : .inconclusive,
                sentence: isRed
                    ? "The canary went red: the bench can still find a flaw."
                    : "The canary did not go red (\(run.reason ?? run.status)): this night proves nothing.")
        }
        switch run.status {
        case "valid":
            return Finding(rule: "run", subject: run.path, outcome: .pass, sentence: "\(what) is valid.")
        case "invalid":
            return Finding(
                rule: "run", subject: run.path, outcome: .fail,
                sentence: "\(what) is invalid: \(run.signature ?? "an anomaly")")
        default:
            return Finding(
                rule: "run", subject: run.path, outcome: .inconclusive,
                sentence: "\(what) is \(run.status): \(run.reason ?? "the night was stopped")")
        }
    }

    private func finding(_ failure: Failure) -> Finding {
        let count = failure.rows.reduce(0) { $0 + $1.count }
        let isKnown = failure.rows.contains(where: \.isKnown)
        var parts = ["\(failure.signature): \(count) runs of the matrix", isKnown ? "known" : "new"]
        let attempts = failure.rows.reduce(0) { $0 + $1.attempts }
        let reproduced = failure.rows.reduce(0) { $0 + $1.reproduced }
        if attempts > 0 { parts.append("failed again in \(reproduced) of \(attempts)") }
        for row in failure.rows {
            guard let reduced = row.reducedOperations, let run = row.reducedRun else { continue }
            let made = runs.first { $0.path == run }
            parts.append(
                "reduced from \(row.operations) to \(reduced) operations, on the plan's store \(made?.store ?? "?"): "
                    + "dyno run \(run).yml --seed \(made?.seed ?? 0)")
        }
        return Finding(
            rule: "signature", subject: failure.rows[0].firstRun, outcome: .fail,
            sentence: parts.joined(separator: "; "))
    }

    /// One line a night, for a reader of many.
    public var trend: String {
        func count(_ status: String) -> Int { matrix.count { $0.status == status } }
        let convergence = matrix.compactMap(\.convergence).sorted()
        let median = convergence.isEmpty ? "-" : "\(convergence[convergence.count / 2] / 1_000_000) ms"
        let fresh = failures.count { !$0.rows.contains(where: \.isKnown) }
        let day = CivilDate(secondsSince1970: night.started)
        return
            "\(day)  \(night.plan)  \(night.outcome ?? "unfinished"): \(matrix.count) runs, \(count("invalid")) red, "
            + "\(count("unknown") + count("broken")) unknown or broken, \(failures.count) signatures (\(fresh) new), "
            + "median convergence \(median)"
    }
}
