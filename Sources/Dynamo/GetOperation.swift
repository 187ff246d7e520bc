import Causality

/// One get at its coordinator (DeCandia et al. 2007, §4.5): asks N nodes, answers at R with every concurrent version
/// that they hold, and hears the others out to know which homes are stale. It decides; ``Replica`` acts.
///
/// "Nothing stored" counts as an answer. From a fallback, though, it says little: it may simply never have been handed
/// a hint. So it counts only once no reachable home is left that could know better; otherwise a key would seem to be
/// missing because one home is slower than an empty fallback.
struct GetOperation {
    enum Action: Hashable {
        case fetch(from: String)
        case answer
        case fail(RequestFailure)
        /// The node did not answer in time.
        case missed(String)
        case wake(after: Int64)
        /// All that will come has come.
        case finish
    }

    struct Policy: Hashable {
        var r: Int
        var pr: Int
        var replicaTimeout: Int64
    }

    private struct Answer {
        var node: String
        var siblings: Siblings?
        var isHome: Bool
    }

    let key: Key
    let policy: Policy
    private var walk: QuorumWalk
    private var answers: [Answer] = []
    private(set) var isAnswered = false

    init(key: Key, policy: Policy, walk: QuorumWalk) {
        self.key = key
        self.policy = policy
        self.walk = walk
    }

    func start() -> [Action] {
        walk.stands.map { .fetch(from: $0.current) } + [.wake(after: policy.replicaTimeout)]
    }

    /// A node told what it stores (nil: nothing), or could not read.
    mutating func answered(by node: String, _ siblings: Siblings?, ok: Bool, detector: FailureDetector) -> [Action] {
        guard let stand = walk.stand(of: node), !answers.contains(where: { $0.node == node }) else { return [] }
        if ok {
            let isHome = node == walk.stands[stand].home
            answers.append(Answer(node: node, siblings: siblings, isHome: isHome))
            if isHome || walk.stands[stand].current == node { walk.stands[stand].waiting = false }
            return settle()
        }
        guard walk.stands[stand].waiting, walk.stands[stand].current == node else { return [] }
        return replace(stand, detector: detector) + settle()
    }

    /// The time of the nodes last asked is over.
    mutating func stepOver(detector: FailureDetector) -> [Action] {
        var actions: [Action] = []
        for stand in walk.stands.indices where walk.stands[stand].waiting {
            actions.append(.missed(walk.stands[stand].current))
            actions += replace(stand, detector: detector)
        }
        let waits = walk.stands.contains { $0.waiting }
        return actions + settle() + (waits ? [.wake(after: policy.replicaTimeout)] : [])
    }

    /// The client has waited long enough.
    mutating func deadlineOver() -> [Action] {
        if isAnswered { return [] }
        isAnswered = true
        return [.fail(.timeout), .finish]
    }

    /// What every node that answered stores, in the order of the answers.
    var found: [Siblings] { answers.compactMap(\.siblings) }

    /// Homes that answered with something else than `truth`.
    func stale(comparedTo truth: Siblings) -> [String] {
        answers.filter { $0.isHome && ($0.siblings ?? Siblings()) != truth }.map(\.node)
    }

    // MARK: -

    private mutating func replace(_ stand: Int, detector: FailureDetector) -> [Action] {
        if isAnswered {
            walk.stands[stand].waiting = false
            return []
        }
        return walk.replace(stand, detector: detector).map { [.fetch(from: $0)] } ?? []
    }

    private mutating func settle() -> [Action] {
        var actions: [Action] = []
        if !isAnswered {
            let homes = answers.filter(\.isHome).count
            if counted >= policy.r, homes >= policy.pr {
                isAnswered = true
                actions.append(.answer)
            } else if let failure = hopeless(homes: homes) {
                isAnswered = true
                actions.append(.fail(failure))
            }
        }
        if isAnswered, !walk.stands.contains(where: { $0.waiting }) { actions.append(.finish) }
        return actions
    }

    /// The answers that count toward R.
    private var counted: Int {
        let homeMayKnow = walk.stands.contains { $0.waiting && !$0.desperate && $0.current == $0.home }
        return answers.filter { $0.isHome || $0.siblings != nil || !homeMayKnow }.count
    }

    /// Why no answer still to come can make a quorum; nil while one can.
    private func hopeless(homes: Int) -> RequestFailure? {
        let waiting = walk.stands.filter { $0.waiting }
        if answers.count + waiting.count < policy.r { return .quorumFailed(have: answers.count, need: policy.r) }
        if homes + waiting.filter({ $0.current == $0.home }).count < policy.pr {
            return .quorumFailed(have: homes, need: policy.pr)
        }
        return nil
    }
}
