import Causality

/// One put at its coordinator, from the moment that the version is written locally until every home holds it or has a
/// hint somewhere (DeCandia et al. 2007, §4.5 and §4.6). It decides; ``Replica`` acts.
///
/// The client is answered at W, but the operation goes on to all N: a home that does not answer in time gets a hint at
/// the next fallback, or at the coordinator when there is none. And **no put is acknowledged before each home holds it
/// or has a hint for it that is durable somewhere**: should the coordinator die right after the acknowledgement, nobody
/// else would remember the home that had not answered yet. So when W is reached while a home is still silent, the
/// coordinator waits a few milliseconds for it and then keeps a hint itself, which it deletes if the home answers after
/// all. Healthy homes answer well before that.
struct PutOperation {
    enum Action: Hashable {
        /// Send the siblings to a node; `hintFor`: in whose name, when it is a fallback.
        case replicate(to: String, hintFor: String?)
        /// Merge the siblings into this node's own hint for the home and make it durable.
        case keepHint(home: String)
        /// The home, or a fallback, holds the siblings: this node's own hint is not needed.
        case dropHint(home: String)
        case acknowledge
        case fail(RequestFailure)
        /// The node did not answer in time.
        case missed(String)
        case wake(after: Int64)
        case finish
    }

    /// What the operation must know of the configuration.
    struct Policy: Hashable {
        var w: Int
        var pw: Int
        /// Nodes that must acknowledge, each of which has a copy of its own.
        var confirms: Int
        var sloppy: Bool
        var hintedHandoff: Bool
        var replicaTimeout: Int64
        /// The planted flaw `ack-early`.
        var acknowledgesAtOnce = false

        var grace: Int64 { replicaTimeout / Limits.graceDivisor }
    }

    private enum OwnHint { case none, storing, durable, failed }

    let key: Key
    let dot: Dot
    let clock: VersionVector
    /// What the coordinator stored: the whole set, as it was when the version was written.
    let siblings: Siblings
    let policy: Policy
    private let node: String
    private var walk: QuorumWalk
    /// By stand: somebody holds the siblings in the home's name.
    private var held: [Bool]
    private var ownHints: [OwnHint]
    /// Nodes with a durable copy that counts toward W.
    private var acknowledged: [String] = []
    private var acknowledgedHomes = 0
    private var graceIsOver = false
    private var hasStarted = false
    private(set) var isAnswered = false

    init(
        key: Key, dot: Dot, clock: VersionVector, siblings: Siblings, policy: Policy, node: String, walk: QuorumWalk
    ) {
        self.key = key
        self.dot = dot
        self.clock = clock
        self.siblings = siblings
        self.policy = policy
        self.node = node
        self.walk = walk
        held = walk.stands.map { _ in false }
        ownHints = walk.stands.map { $0.desperate && policy.hintedHandoff ? .storing : .none }
    }

    /// Homes for which the coordinator keeps a hint from the start, since nobody else can: to be stored with the
    /// version itself.
    var hintedAtOnce: [String] { walk.stands.indices.filter { ownHints[$0] == .storing }.map { walk.stands[$0].home } }

    /// In whose name a node was asked that has not answered yet; nil when it is not waited for, or not asked yet.
    func home(awaiting node: String) -> String? { hasStarted ? walk.stand(awaiting: node)?.home : nil }

    /// The coordinator's own write is durable: now, and not before, the others hear of it.
    mutating func start(detector: FailureDetector) -> [Action] {
        hasStarted = true
        var actions: [Action] = []
        for stand in walk.stands where stand.current != node {
            actions.append(.replicate(to: stand.current, hintFor: stand.current == stand.home ? nil : stand.home))
        }
        graceIsOver = !policy.hintedHandoff
        take(node)
        actions += settle()
        return actions + wake(after: graceIsOver ? policy.replicaTimeout : policy.grace)
    }

    /// A node stored the siblings, or could not.
    mutating func answered(by other: String, ok: Bool, detector: FailureDetector) -> [Action] {
        if ok {
            let dropped = take(other)
            return dropped + settle()
        }
        guard let stand = walk.stands.firstIndex(where: { $0.waiting && $0.current == other }) else { return [] }
        return replace(stand, detector: detector, patiently: false) + settle()
    }

    /// The grace, or the time of the replicas last asked, is over.
    mutating func stepOver(detector: FailureDetector) -> [Action] {
        if !graceIsOver {
            graceIsOver = true
            return settle() + wake(after: policy.replicaTimeout - policy.grace)
        }
        var actions: [Action] = []
        for stand in walk.stands.indices where walk.stands[stand].waiting {
            actions.append(.missed(walk.stands[stand].current))
            actions += replace(stand, detector: detector, patiently: !isAnswered)
        }
        return actions + settle() + wake(after: policy.replicaTimeout)
    }

    /// The client has waited long enough; the homes are still seen to.
    mutating func deadlineOver() -> [Action] {
        if isAnswered { return [] }
        isAnswered = true
        return [.fail(.timeout)] + settle()
    }

    mutating func ownHintStored(home: String, ok: Bool) -> [Action] {
        guard let stand = walk.stands.firstIndex(where: { $0.home == home }), ownHints[stand] == .storing else {
            return []
        }
        ownHints[stand] = ok ? .durable : .failed
        return settle()
    }

    // MARK: -

    /// The next step, while there is anybody left to wait for.
    private func wake(after nanoseconds: Int64) -> [Action] {
        walk.stands.contains { $0.waiting } ? [.wake(after: nanoseconds)] : []
    }

    /// Counts a durable copy.
    @discardableResult
    private mutating func take(_ other: String) -> [Action] {
        guard let stand = walk.stand(of: other), !acknowledged.contains(other) else { return [] }
        let home = walk.stands[stand].home
        if !walk.stands[stand].isComing {
            if other == home { acknowledgedHomes += 1 }
            // In a strict quorum only homes count, but a fallback that coordinates for want of a home is none.
            if other == home || policy.sloppy { acknowledged.append(other) }
        }
        walk.stands[stand].waiting = false
        if held[stand] { return [] }
        held[stand] = true
        return ownHints[stand] == .none ? [] : [.dropHint(home: home)]
    }

    /// The next fallback in place of a node that does not store, or this node itself.
    private mutating func replace(_ stand: Int, detector: FailureDetector, patiently: Bool) -> [Action] {
        let home = walk.stands[stand].home
        if let spare = walk.replace(stand, detector: detector, patiently: patiently) {
            return [.replicate(to: spare, hintFor: home)]
        }
        return keepHint(stand)
    }

    private mutating func keepHint(_ stand: Int) -> [Action] {
        guard policy.hintedHandoff, ownHints[stand] == .none, !held[stand] else { return [] }
        ownHints[stand] = .storing
        return [.keepHint(home: walk.stands[stand].home)]
    }

    /// Whether the home of a stand gets the siblings even if this node dies now, as far as this node can see to it.
    private func isInsured(_ stand: Int) -> Bool {
        held[stand] || !policy.hintedHandoff || ownHints[stand] == .durable || ownHints[stand] == .failed
    }

    private mutating func settle() -> [Action] {
        var actions: [Action] = []
        if !isAnswered {
            if policy.acknowledgesAtOnce {
                isAnswered = true
                actions.append(.acknowledge)
            } else if acknowledged.count >= max(policy.w, policy.confirms), acknowledgedHomes >= policy.pw {
                if walk.stands.indices.allSatisfy(isInsured) {
                    isAnswered = true
                    actions.append(.acknowledge)
                } else if graceIsOver {
                    for stand in walk.stands.indices { actions += keepHint(stand) }
                }
            } else if let failure = hopeless() {
                isAnswered = true
                actions.append(.fail(failure))
            }
        }
        let settled = walk.stands.indices.allSatisfy { isInsured($0) && !walk.stands[$0].waiting }
        if isAnswered, settled { actions.append(.finish) }
        return actions
    }

    /// Why no answer still to come can make a quorum; nil while one can.
    private func hopeless() -> RequestFailure? {
        let waiting = walk.stands.filter { $0.waiting && !$0.isComing }
        let count = acknowledged.count + waiting.filter { policy.sloppy || $0.current == $0.home }.count
        if count < policy.w { return .quorumFailed(have: acknowledged.count, need: policy.w) }
        if acknowledgedHomes + waiting.filter({ $0.current == $0.home }).count < policy.pw {
            return .quorumFailed(have: acknowledgedHomes, need: policy.pw)
        }
        if count < policy.confirms { return .nodesUnconfirmed(have: acknowledged.count, need: policy.confirms) }
        return nil
    }
}
