/// A peer as this node sees it.
public struct PeerState: Hashable, Sendable {
    public var name: String
    /// Silent for too long, or the shell could not reach it. Requests go to fallbacks until it is heard of again.
    public var suspected: Bool
    /// Consecutive probes or requests without an answer.
    public var misses: Int
    /// The incarnation that it told last; nil: none since this node started.
    public var incarnation: UInt64?
    /// When something of it last arrived; nil: not since this node started.
    public var lastHeard: Instant?
    /// How long its answers to probes take: a moving mean, in nanoseconds; nil: none has come.
    public var roundTrip: Int64?
    /// What it had yet to do when it answered last.
    public var backlog = Backlog()
}

/// Who answers: decided by each node alone, from missing replies, as the paper's is (DeCandia et al. 2007, §4.8.3). A
/// suspicion is never a proof; it only decides whom to ask first. Anything heard from a peer ends it.
///
/// Every peer is probed all the time, and suspected when a probe has been out for too long and nothing at all was heard
/// meanwhile. How long is too long adapts to how long its answers take, by their mean and deviation as TCP estimates
/// them (Jacobson, SIGCOMM 1988; RFC 6298): a slow peer is given time, as long as it still answers, within bounds that
/// let a dead one be noticed soon.
package struct FailureDetector: Sendable {
    /// The bounds within which patience adapts, in nanoseconds.
    package struct Patience: Hashable, Sendable {
        /// What is granted beyond the time that answers usually take.
        var slack: Int64
        var least: Int64
        var most: Int64

        /// From the pace of the probes and the number of them that may go unanswered. At the default pace a peer is
        /// suspected after 1 to 1.5 s, and a slow one may become slower by 0.8 s at once.
        package init(probeInterval: Int64, misses: Int) {
            slack = probeInterval * Int64(max(1, misses))
            least = slack + 2 * probeInterval
            most = least + least / 2
        }
    }

    private struct Watch {
        /// When the first probe was sent since something was heard last; nil: none.
        var silentSince: Instant?
        /// Probes that have not been answered, the latest last.
        var probes: [(request: UInt64, sent: Instant)] = []
        var deviation: Int64 = 0
        /// When the first request was sent since something was heard last; nil: none.
        var askedSince: Instant?
    }

    /// In the order of the membership.
    package private(set) var peers: [PeerState] = []
    private var index: [String: Int] = [:]
    private var watches: [Watch] = []
    private let patience: Patience
    /// The node has just begun, and perhaps the others with it: see ``mayComeUp(_:)``.
    package private(set) var isYoung: Bool

    package init(peers names: [String], patience: Patience, isYoung: Bool = false) {
        self.patience = patience
        self.isYoung = isYoung
        _ = replacePeers(names)
    }

    /// Watches these peers and no others from now on; names those that are no longer watched.
    package mutating func replacePeers(_ names: [String]) -> [String] {
        let known = Dictionary(uniqueKeysWithValues: zip(peers.map(\.name), zip(peers, watches)))
        let gone = peers.map(\.name).filter { !names.contains($0) }
        peers = names.map { known[$0]?.0 ?? PeerState(name: $0, suspected: false, misses: 0) }
        watches = names.map { known[$0]?.1 ?? Watch() }
        index = Dictionary(uniqueKeysWithValues: zip(names, 0...))
        return gone
    }

    /// Whether a peer is suspected; the node itself and strangers never are.
    package func suspects(_ name: String) -> Bool {
        guard let peer = index[name] else { return false }
        return peers[peer].suspected
    }

    // MARK: Youth

    /// Whether a peer, suspected or not, may be about to come up: nothing was ever heard of it, and this node has begun a
    /// moment ago. Where all nodes of a store start together, each finds that others are not there yet; that says nothing,
    /// and what wants them waits instead of failing.
    package func mayComeUp(_ name: String) -> Bool {
        guard isYoung, let peer = index[name] else { return false }
        return peers[peer].lastHeard == nil
    }

    /// Ends the youth of a node that has run for so many nanoseconds, if that is long enough; names the peers that have not
    /// come up.
    package mutating func growUp(age: Int64) -> [String] {
        guard isYoung, age >= patience.most else { return [] }
        isYoung = false
        return peers.filter { $0.suspected && $0.lastHeard == nil }.map(\.name)
    }

    package func knows(_ name: String) -> Bool { index[name] != nil }

    /// Something arrived from a peer. True when that is news: it was suspected, or had not been heard of since the
    /// start.
    package mutating func heard(_ name: String, at now: Instant) -> (recovered: Bool, first: Bool) {
        guard let peer = index[name] else { return (false, false) }
        let news = (recovered: peers[peer].suspected, first: peers[peer].lastHeard == nil)
        peers[peer].suspected = false
        peers[peer].misses = 0
        peers[peer].lastHeard = now
        watches[peer].silentSince = nil
        watches[peer].askedSince = nil
        return news
    }

    package mutating func told(_ name: String, incarnation: UInt64) {
        if let peer = index[name] { peers[peer].incarnation = incarnation }
    }

    // MARK: Doubt

    /// Something was sent to a peer that wants an answer.
    package mutating func asked(_ name: String, at now: Instant) {
        guard let peer = index[name], watches[peer].askedSince == nil else { return }
        watches[peer].askedSince = now
    }

    /// Whether a peer has been silent for a while although something was asked of it: long before it is suspected, and no
    /// reason to do without it, but one to ask somebody else where anybody will do.
    package func doubts(_ name: String, at now: Instant) -> Bool {
        guard let peer = index[name] else { return false }
        if peers[peer].suspected { return true }
        guard let since = watches[peer].askedSince else { return false }
        return now - since > promptness(peer)
    }

    /// How long an answer of a peer may take before it is in doubt, in nanoseconds.
    package func promptness(_ name: String) -> Int64 { index[name].map(promptness) ?? Limits.leastPromptness }

    private func promptness(_ peer: Int) -> Int64 {
        let usual = (peers[peer].roundTrip ?? 0) + 4 * watches[peer].deviation
        return min(max(2 * usual, Limits.leastPromptness), patience.least / 2)
    }

    package mutating func told(_ name: String, backlog: Backlog) {
        if let peer = index[name] { peers[peer].backlog = backlog }
    }

    // MARK: Probes

    /// A probe was sent to a peer.
    package mutating func probed(_ name: String, _ request: UInt64, at now: Instant) {
        guard let peer = index[name] else { return }
        if watches[peer].silentSince != nil, peers[peer].misses < Int.max { peers[peer].misses += 1 }
        watches[peer].silentSince = watches[peer].silentSince ?? now
        watches[peer].askedSince = watches[peer].askedSince ?? now
        watches[peer].probes.append((request, now))
        if watches[peer].probes.count > Limits.openProbes { watches[peer].probes.removeFirst() }
    }

    /// A peer answered a probe: tells how long it took.
    package mutating func answered(_ name: String, _ request: UInt64, at now: Instant) {
        guard let peer = index[name], let probe = watches[peer].probes.firstIndex(where: { $0.request == request })
        else { return }
        let time = max(0, now - watches[peer].probes[probe].sent)
        watches[peer].probes.removeSubrange(...probe)
        guard let mean = peers[peer].roundTrip else {
            peers[peer].roundTrip = time
            watches[peer].deviation = time / 2
            return
        }
        watches[peer].deviation += (abs(time - mean) - watches[peer].deviation) / 4
        peers[peer].roundTrip = mean + (time - mean) / 8
    }

    /// Peers that are suspected from now on, since they have been silent for too long.
    package mutating func overdue(at now: Instant) -> [String] {
        var overdue: [String] = []
        for peer in peers.indices where !peers[peer].suspected && isOverdue(peer, at: now) {
            peers[peer].suspected = true
            overdue.append(peers[peer].name)
        }
        return overdue
    }

    /// A request was not answered in time, which alone says little: the peer may be slow. True when it is suspected
    /// from now on.
    package mutating func missed(_ name: String, at now: Instant) -> Bool {
        guard let peer = index[name] else { return false }
        if peers[peer].misses < Int.max { peers[peer].misses += 1 }
        if peers[peer].suspected || !isOverdue(peer, at: now) { return false }
        peers[peer].suspected = true
        return true
    }

    /// The shell could not reach the peer. True when it is suspected from now on.
    package mutating func unreachable(_ name: String) -> Bool {
        guard let peer = index[name], !peers[peer].suspected else { return false }
        peers[peer].suspected = true
        return true
    }

    private func isOverdue(_ peer: Int, at now: Instant) -> Bool {
        guard let since = watches[peer].silentSince else { return false }
        let usual = (peers[peer].roundTrip ?? 0) + 4 * watches[peer].deviation
        return now - since > min(max(usual + patience.slack, patience.least), patience.most)
    }
}
