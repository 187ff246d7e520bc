import Gate

/// What a night came to, read from the index.
public struct NightSummary: Sendable {
    public let night: NightIndex.NightRow
    public let runs: [NightIndex.RunRow]
    public let signatures: [NightIndex.SignatureRow]

    /// - Throws: what the index throws.
    public init(_ night: NightIndex.NightRow, _ index: NightIndex) throws {
        self.night = night
        runs = try index.runs(of: night.id)
        signatures = try index.signatures(of: night.id)
    }

    private var matrix: [NightIndex.RunRow] { runs.filter { $0.kind == .matrix } }

    /// As a decision, so that it can be shown in every form that a gate's answer has.
    public var decision: Decision {
        var decision = Decision(policy: "nightly \(night.plan)")
        if matrix.isEmpty {
            decision.findings.append(
                Finding(
                    rule: "matrix", subject: night.directory, outcome: .inconclusive,
                    sentence: "Not a single run of the matrix was made in the time given."))
        }
        for run in runs where run.kind == .canary || run.kind == .matrix {
            decision.findings.append(finding(run))
        }
        for signature in signatures { decision.findings.append(finding(signature)) }
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

    private func finding(_ row: NightIndex.SignatureRow) -> Finding {
        var parts = ["\(row.signature): \(row.count) runs of the matrix", row.isKnown ? "known" : "new"]
        if row.attempts > 0 { parts.append("failed again in \(row.reproduced) of \(row.attempts)") }
        if let reduced = row.reducedOperations, let run = row.reducedRun {
            parts.append("reduced from \(row.operations) to \(reduced) operations: \(run)")
        }
        return Finding(
            rule: "signature", subject: row.firstRun, outcome: .fail, sentence: parts.joined(separator: "; "))
    }

    /// One line a night, for a reader of many.
    public var trend: String {
        func count(_ status: String) -> Int { matrix.count { $0.status == status } }
        let convergence = matrix.compactMap(\.convergence).sorted()
        let median = convergence.isEmpty ? "-" : "\(convergence[convergence.count / 2] / 1_000_000) ms"
        let fresh = signatures.count { !$0.isKnown }
        let day = CivilDate(secondsSince1970: night.started)
        return
            "\(day)  \(night.plan)  \(night.outcome ?? "unfinished"): \(matrix.count) runs, \(count("invalid")) red, "
            + "\(count("unknown") + count("broken")) unknown or broken, \(signatures.count) signatures (\(fresh) new), "
            + "median convergence \(median)"
    }
}
