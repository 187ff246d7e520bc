/// What the capture says of links in trouble: were packets lost, late, doubled, overtaken, reset or swallowed as was meant.
public struct TroubleWitness: Sendable, Hashable {
    /// What was meant to happen on the links.
    public enum Meant: Sendable, Hashable {
        /// Shares, 0…1.
        case loss(Double)
        case duplicate(Double)
        case reorder(Double)
        /// Nanoseconds.
        case delay(Int64)
        /// Bytes a second on each link.
        case rate(Int)
        case reset
        case halfOpen
    }

    public let meant: Meant
    /// All links together, over the time that the trouble was in force.
    public let counts: LinkProbe.Counts
    /// Resets sent back the other way.
    public let resetsBack: Int
    /// The most bytes a second that any link delivered.
    public let fastest: Int

    public init(meant: Meant, counts: LinkProbe.Counts, resetsBack: Int = 0, fastest: Int = 0) {
        self.meant = meant
        self.counts = counts
        self.resetsBack = resetsBack
        self.fastest = fastest
    }

    /// By how much the kernel's stamps of one packet at two ports may be off, in nanoseconds: each is taken a little after
    /// the packet passed.
    private static func stampError(_ delay: Int64) -> Int64 { min(delay / 100, 200_000) }

    /// Whether the capture proves the trouble.
    public var isProven: Bool {
        if case .reset = meant { return resetsBack > 0 }
        guard counts.sent > 0 else { return false }
        switch meant {
        case .loss(let share): return isAsOften(counts.lost, share)
        case .duplicate(let share): return isAsOften(counts.duplicated, share)
        case .reorder: return counts.overtaken > 0
        case .delay(let delay): return counts.timed > 0 && counts.leastDelay >= delay - Self.stampError(delay)
        // The limit holds on average; a tenth is what slices and headers may differ by.
        case .rate(let rate): return fastest <= rate + rate / 10 && (counts.lost > 0 || counts.mostDelay > 1_000_000)
        case .reset: return false
        case .halfOpen: return counts.dataSent > 0 && counts.dataDelivered == 0
        }
    }

    /// Whether `count` of the packets sent is what chance allows for `share`: within five standard deviations, and not none.
    private func isAsOften(_ count: Int, _ share: Double) -> Bool {
        let expected = share * Double(counts.sent)
        let deviation = (expected * (1 - share)).squareRoot()
        return count > 0 && Double(count) >= expected - 5 * deviation - 1
    }

    /// One sentence for a person.
    public var sentence: String {
        if case .reset = meant {
            return resetsBack > 0
                ? "\(resetsBack) resets answered what was sent"
                : "no reset was sent, so that nothing shows that it was there"
        }
        if counts.sent == 0 { return "nothing was sent on the links, so that nothing shows that it was there" }
        let of = "of \(counts.sent) packets sent"
        switch meant {
        case .loss: return "\(counts.lost) \(of) were lost"
        case .duplicate: return "\(counts.duplicated) \(of) arrived twice"
        case .reorder: return "\(counts.overtaken) \(of) were overtaken"
        case .delay:
            guard counts.timed > 0 else { return "none \(of) arrived" }
            return "\(counts.delivered) \(of) arrived, \(Self.milliseconds(counts.leastDelay)) to "
                + "\(Self.milliseconds(counts.mostDelay)) ms later, "
                + "\(Self.milliseconds(counts.meanDelay ?? 0)) ms on average"
        case .rate: return "at most \(fastest) bytes a second passed a link, \(counts.lost) \(of) were lost"
        case .reset: return ""
        case .halfOpen:
            return "\(counts.dataSent) segments with data were sent, \(counts.dataDelivered) of them arrived"
        }
    }

    private static func milliseconds(_ nanoseconds: Int64) -> String { "\(Double(nanoseconds / 10_000) / 100)" }
}
