/// What a checker, or all of them together, concluded (SEMANTICS section 4).
public enum Validity: Sendable, Hashable {
    /// What was checked happened, and nothing was wrong with it.
    case valid
    /// At least one anomaly was found.
    case invalid
    /// The history does not exercise what was to be checked: a vacuous pass is never ``valid``.
    case unknown

    /// The worse of two: invalid before unknown before valid.
    public func worse(_ other: Validity) -> Validity {
        if self == .invalid || other == .invalid { return .invalid }
        return self == .unknown || other == .unknown ? .unknown : .valid
    }
}

/// What one checker found in a history.
public struct CheckerResult: Sendable, Hashable {
    public var validity: Validity
    /// How many distinct anomalies there are, listed or not.
    public var anomalyCount: Int
    /// The anomalies found first, at most as many as were asked for.
    public var anomalies: [Anomaly]
    /// One sentence that says why the result is ``Validity/unknown``; nil otherwise.
    public var reason: String?
    /// Numbers beside the verdict, where the checker gives some.
    public var figures: [Figure] = []

    public init(validity: Validity, anomalyCount: Int = 0, anomalies: [Anomaly] = [], reason: String? = nil) {
        self.validity = validity
        self.anomalyCount = anomalyCount
        self.anomalies = anomalies
        self.reason = reason
    }
}

/// What all the chosen checkers say of one history (SEMANTICS section 4).
public struct Verdict: Sendable {
    public var validity: Validity
    /// How many events the history has, its header not counted.
    public var events: Int
    /// The result of each chosen checker, in the order of ``CheckerName/allCases``.
    public var checkers: [(name: CheckerName, result: CheckerResult)]
    /// One sentence that says why the whole is unknown though no checker is: the history is not complete. It stands beside an
    /// anomaly, too, which is one whatever was lost.
    public var reason: String?
    /// Whether the history exercised what its run demanded, judged beside the checkers; nil when nothing was demanded.
    public var exercise: CheckerResult?

    public init(
        validity: Validity, events: Int, checkers: [(name: CheckerName, result: CheckerResult)], reason: String? = nil
    ) {
        self.validity = validity
        self.events = events
        self.checkers = checkers
        self.reason = reason
    }

    /// The result of the checker of that name, if it was chosen.
    public subscript(name: CheckerName) -> CheckerResult? {
        checkers.first { $0.name == name }?.result
    }
}
