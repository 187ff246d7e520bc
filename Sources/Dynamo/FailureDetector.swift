/// A peer as this node sees it.
public struct PeerState: Hashable, Sendable {
    public var name: String
    /// Too many misses, or the shell could not reach it. Requests go to fallbacks until it is heard of again.
    public var suspected: Bool
    /// Consecutive probes or requests without an answer.
    public var misses: Int
    /// The incarnation that it told last; nil: none since this node started.
    public var incarnation: UInt64?
    /// When something of it last arrived; nil: not since this node started.
    public var lastHeard: Instant?
}

/// Who answers: decided by each node alone, from missed replies, as the paper's is (DeCandia et al. 2007, §4.8.3). A
/// suspicion is never a proof; it only decides whom to ask first. Anything heard from a peer ends it.
package struct FailureDetector: Sendable {
    /// In the order of the configuration.
    package private(set) var peers: [PeerState]
    private let index: [String: Int]
    private let missesUntilSuspected: Int
    /// Peers, by index, whose last probe has not been answered.
    private var unanswered: [Bool]

    package init(peers names: [String], missesUntilSuspected: Int) {
        peers = names.map { PeerState(name: $0, suspected: false, misses: 0) }
        index = Dictionary(uniqueKeysWithValues: zip(names, 0...))
        unanswered = Array(repeating: false, count: names.count)
        self.missesUntilSuspected = max(1, missesUntilSuspected)
    }

    /// Whether a peer is suspected; the node itself and strangers never are.
    package func suspects(_ name: String) -> Bool {
        guard let peer = index[name] else { return false }
        return peers[peer].suspected
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
        unanswered[peer] = false
        return news
    }

    package mutating func told(_ name: String, incarnation: UInt64) {
        if let peer = index[name] { peers[peer].incarnation = incarnation }
    }

    /// A probe or request was not answered in time. True when the peer is suspected from now on.
    package mutating func missed(_ name: String) -> Bool {
        guard let peer = index[name] else { return false }
        if peers[peer].misses < Int.max { peers[peer].misses += 1 }
        if peers[peer].suspected || peers[peer].misses < missesUntilSuspected { return false }
        peers[peer].suspected = true
        return true
    }

    /// The shell could not reach the peer. True when it is suspected from now on.
    package mutating func unreachable(_ name: String) -> Bool {
        guard let peer = index[name], !peers[peer].suspected else { return false }
        peers[peer].suspected = true
        return true
    }

    /// Begins a round of probes, sent to all peers: names those whose last probe is still unanswered.
    package mutating func beginProbes() -> [String] {
        let late = peers.indices.filter { unanswered[$0] }.map { peers[$0].name }
        for peer in peers.indices { unanswered[peer] = true }
        return late
    }
}
