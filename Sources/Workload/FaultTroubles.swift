/// What packets on a link suffer. Shares are from 0 to 1.
public enum LinkTrouble: Sendable, Hashable {
    /// This share of the packets is lost.
    case loss(Double)
    /// Every packet arrives later by `delay`, and by up to `jitter` more, drawn for each; their order stays.
    case delay(Duration, jitter: Duration)
    /// This share of the packets is held back while those behind it overtake.
    case reorder(Double)
    /// This share of the packets arrives twice.
    case duplicate(Double)
    /// No more than so many bytes a second pass; what would wait for more than 200 ms is lost.
    case rate(Int)
    /// Every TCP segment is answered with a reset.
    case reset
    /// Connections can be established, but nothing that is sent over them arrives.
    case halfOpen

    /// The key that names it in a workload file.
    public var word: String {
        switch self {
        case .loss: "loss"
        case .delay: "delay"
        case .reorder: "reorder"
        case .duplicate: "duplicate"
        case .rate: "rate-limit"
        case .reset: "reset"
        case .halfOpen: "half-open"
        }
    }
}

/// What is wrong with a wall clock.
public enum ClockTrouble: Sendable, Hashable {
    /// It is wrong by so much (negative: behind) while the fault lasts.
    case jump(Duration)
    /// It runs too fast by so many parts per million (negative: too slow), and is set right when the fault ends.
    case drift(Int)
    /// It jumps to and fro by so much, each `period`.
    case strobe(Duration, period: Duration)
}

/// How a disk fails while a fault lasts.
public enum DiskTrouble: Sendable, Hashable {
    /// No space is left; it returns when the fault ends.
    case full
    /// Every write and sync takes longer by so much.
    case slow(Duration)
    /// Reads, writes and syncs fail with EIO.
    case error
    /// Writes fail with EROFS.
    case readOnly
}

/// What is done to the files of a killed node.
public enum FileDamage: String, Sendable, Hashable, CaseIterable {
    /// All of them are deleted.
    case wipe
    /// Bytes in the middle of its database are changed.
    case rot
    /// Its database loses its second half.
    case truncate
}
