/// Spreads the begins of operations evenly in time. A value: the caller says what time it is, and waits.
struct Pace: Sendable {
    /// How much of what was missed while the store answered slowly is caught up.
    static let longestLag: Duration = .seconds(1)

    private let interval: Duration?
    private var next: ContinuousClock.Instant

    /// - Parameter rate: operations a second; nil for no limit.
    init(rate: Int?, from start: ContinuousClock.Instant) {
        interval = rate.map { .seconds(1) / max(1, $0) }
        next = start
    }

    /// When the next operation may begin; each call is one operation.
    mutating func ticket(at now: ContinuousClock.Instant) -> ContinuousClock.Instant {
        guard let interval else { return now }
        let begin = max(next, now - Self.longestLag)
        next = begin + interval
        return begin
    }
}
