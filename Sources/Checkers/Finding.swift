import History

/// An anomaly as the checkers find it: interned, flat, not yet told to anyone.
///
/// Events and sentences are worked out by ``Narrator`` for the few findings that are listed.
struct Finding {
    var type: AnomalyType
    var key = Interner.none
    var value = Interner.none
    var other = Interner.none
    var node = Interner.none
    /// The event that shows it: a read's completion, a replica event, … -1: none.
    var observer: Int32 = -1
    /// A second event without which the first proves nothing; -1: none.
    var witness: Int32 = -1
}

/// What one checker has found so far: all counted, distinct ones only, the first few kept.
struct AnomalyLog {
    private let limit: Int
    private(set) var listed: [Finding] = []
    /// The ranges of `dishonest-root` findings, which more than one key may give rise to.
    private(set) var dishonestRanges: Set<UInt32> = []
    private var known: Set<Identity> = []
    private var distinct = 0

    /// A log that keeps the first `limit` distinct findings and counts the others.
    init(limit: Int) {
        self.limit = limit
    }

    var count: Int { known.count + distinct }

    mutating func report(_ finding: Finding) {
        guard known.insert(Identity(finding)).inserted else { return }
        if finding.type == .dishonestRoot { dishonestRanges.insert(finding.key) }
        guard listed.count < limit else { return }
        listed.append(finding)
    }

    /// Reports a finding that the caller knows to be new, of a type that it never reports otherwise.
    ///
    /// There may be as many as pairs of writes: remembering them all would take more memory than the history.
    mutating func reportDistinct(_ finding: @autoclosure () -> Finding) {
        distinct += 1
        if listed.count < limit { listed.append(finding()) }
    }

    /// What makes two findings the same anomaly.
    private struct Identity: Hashable {
        let typeAndKey: UInt64
        let valueAndOther: UInt64
        let node: UInt32

        init(_ finding: Finding) {
            typeAndKey = UInt64(finding.type.rawValue) << 32 | UInt64(finding.key)
            valueAndOther = UInt64(finding.value) << 32 | UInt64(finding.other)
            node = finding.node
        }
    }
}
