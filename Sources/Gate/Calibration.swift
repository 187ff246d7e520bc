/// What `dyno calibrate` left: which planted flaws the checkers found, and whether the sound store raised a false alarm.
public struct Calibration: Sendable, Decodable {
    public struct Flaw: Sendable, Decodable {
        public var flaw: String
        public var found: Bool
    }

    public struct Sound: Sendable, Decodable {
        public var runs: Int
        public var falseAlarms: Int
    }

    /// The executables that were calibrated.
    public var build: String
    /// When it ended, as RFC 3339.
    public var finished: String
    public var flaws: [Flaw]
    public var sound: Sound

    /// What became of the file that a policy names.
    public enum Reading: Sendable {
        case read(Calibration)
        case unusable(String)
    }

    /// Every reason for which it does not certify what `rule` asks for, one sentence each.
    ///
    /// - Parameter build: the executables that it must speak of; nil: any.
    func objections(_ rule: Policy.CalibrationRule, today: CivilDate, build: String?) -> [String] {
        var objections: [String] = []
        if let build, build != self.build {
            objections.append("The calibration is of build \(self.build); this is \(build).")
        }
        if let day = CivilDate(finished) {
            let age = today.day - day.day
            if age > rule.withinDays || age < 0 {
                objections.append(
                    "The calibration is of \(day), \(age) days ago; the policy asks for one within \(rule.withinDays) days."
                )
            }
        } else {
            objections.append("The calibration does not say when it was made.")
        }
        if flaws.count < rule.flaws {
            objections.append("\(flaws.count) flaws were looked for; the policy asks for \(rule.flaws).")
        }
        let missed = flaws.filter { !$0.found }.map(\.flaw)
        if !missed.isEmpty { objections.append("These flaws were not found: \(missed.joined(separator: ", ")).") }
        if sound.runs < rule.soundRuns {
            objections.append("The sound store was run \(sound.runs) times; the policy asks for \(rule.soundRuns).")
        }
        if sound.falseAlarms > 0 {
            objections.append("\(sound.falseAlarms) runs of the sound store were false alarms.")
        }
        return objections
    }
}
