/// What a field checker found, in the order in which the check of the whole history finds it: all counted, the first few kept.
///
/// A history that is taken in groups of keys makes a list for each of them, and these are merged: each finding has a *place*,
/// and within a group they come in the order of their places.
struct AnomalyList {
    private let limit: Int
    private(set) var count = 0
    private var listed: [(place: Int, anomaly: Anomaly)] = []
    /// Where the next findings belong: the index of some event in the whole history, by which each checker orders them.
    var place = 0

    /// - Parameter limit: so many are kept.
    init(limit: Int) { self.limit = limit }

    /// The anomalies that are listed.
    var anomalies: [Anomaly] { listed.map(\.anomaly) }

    mutating func report(_ anomaly: () -> Anomaly) {
        count += 1
        if listed.count < limit { listed.append((place, anomaly())) }
    }

    /// Takes what was found among other keys.
    mutating func merge(_ other: AnomalyList) {
        count += other.count
        let all = (listed + other.listed).enumerated()
        let sorted = all.sorted { ($0.element.place, $0.offset) < ($1.element.place, $1.offset) }
        listed = sorted.prefix(limit).map(\.element)
    }
}

extension CheckerResult {
    /// The result that lists what was found; still to be judged.
    init(validity: Validity, _ found: AnomalyList) {
        self.init(validity: validity, anomalyCount: found.count, anomalies: found.anomalies)
    }
}
