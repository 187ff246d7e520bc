import Checkers
import Report
import Workload

/// What a policy's `require` can count in a run: the floors of workload files, and the seconds for which the network was cut.
enum Count {
    static let secondsCut = "seconds-cut"
    static let names = Requirement.allCases.map(\.rawValue) + [secondsCut]

    /// How often it happened in the run.
    static func of(_ name: String, in facts: RunFacts) -> Int {
        if name == secondsCut { return Int(facts.exercise.timeCut / 1_000_000_000) }
        guard let requirement = Requirement(rawValue: name) else { return 0 }
        return RunCheck.count(requirement, facts.exercise, facts.record)
    }

    static func meaning(of name: String) -> String {
        name == secondsCut ? "seconds with a network partition in force" : Requirement(rawValue: name)?.meaning ?? name
    }
}
