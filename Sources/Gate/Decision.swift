import Checkers

/// What a gate answers.
public enum Outcome: String, Sendable, Hashable, Comparable {
    case pass, inconclusive, fail

    /// The worse is the greater: fail before inconclusive before pass.
    public static func < (left: Outcome, right: Outcome) -> Bool { left.rank < right.rank }

    private var rank: Int {
        switch self {
        case .pass: 0
        case .inconclusive: 1
        case .fail: 2
        }
    }
}

/// One thing that the gate looked at, and what it found.
public struct Finding: Sendable, Hashable {
    /// What was looked at: `checker siblings`, `floor kills`, `build`; the same in every run.
    public var rule: String
    /// The run's path, or the policy's name for what concerns no single run.
    public var subject: String
    public var outcome: Outcome
    /// One sentence for a person: the reason, also of a pass.
    public var sentence: String
    /// The anomalies that the sentence is about, not waived.
    public var anomalies: [Anomaly] = []

    public init(rule: String, subject: String, outcome: Outcome, sentence: String, anomalies: [Anomaly] = []) {
        self.rule = rule
        self.subject = subject
        self.outcome = outcome
        self.sentence = sentence
        self.anomalies = anomalies
    }
}

/// A gate's answer, with everything that it rests on.
public struct Decision: Sendable, Hashable {
    /// The policy's name, or the plan's.
    public var policy: String
    /// What decided: a gate or a night.
    public var kind: String
    public var findings: [Finding] = []

    public init(policy: String, kind: String = "gate") {
        self.policy = policy
        self.kind = kind
    }

    /// `gate release`
    var title: String { "\(kind) \(policy)" }

    /// The worst of all findings; inconclusive when there is none.
    public var outcome: Outcome { findings.map(\.outcome).max() ?? .inconclusive }

    /// Everything but what passed, the worst first.
    public var reasons: [Finding] {
        findings.filter { $0.outcome == .fail } + findings.filter { $0.outcome == .inconclusive }
    }

    /// What was looked at, in the order in which it first came.
    var subjects: [String] {
        var seen: [String] = []
        for finding in findings where !seen.contains(finding.subject) { seen.append(finding.subject) }
        return seen
    }
}
