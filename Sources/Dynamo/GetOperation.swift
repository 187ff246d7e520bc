import Causality

/// One get at its coordinator (DeCandia et al. 2007, §4.5): asks N nodes, answers at R with every concurrent version
/// that they hold, and hears the others out to know which homes are stale. It decides; ``Replica`` acts.
///
/// "Nothing stored" counts as an answer. From a fallback, though, it says little: it may simply never have been handed
/// a hint. So it counts only once no reachable home is left that could know better; otherwise a key would seem to be
/// missing because one home is slower than an empty fallback. With `notfound_ok=false` it counts for nobody: the get ends
/// when R copies are found or have become impossible, and the key is missing where nobody had one.
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
        /// Nodes that must answer, whatever they answer.
        var confirms: Int
        var n: Int
        var notfoundOK: Bool
        var basicQuorum: Bool
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

    /// Whether a node was asked and has not answered yet.
    func awaits(_ node: String) -> Bool { walk.stand(awaiting: node) != nil }

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
        return replace(stand, detector: detector, patiently: false) + settle()
    }

    /// The time of the nodes last asked is over.
    mutating func stepOver(detector: FailureDetector) -> [Action] {
        var actions: [Action] = []
        for stand in walk.stands.indices where walk.stands[stand].waiting {
            actions.append(.missed(walk.stands[stand].current))
            actions += replace(stand, detector: detector, patiently: true)
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

    private mutating func replace(_ stand: Int, detector: FailureDetector, patiently: Bool) -> [Action] {
        if isAnswered {
            walk.stands[stand].waiting = false
            return []
        }
        return walk.replace(stand, detector: detector, patiently: patiently).map { [.fetch(from: $0)] } ?? []
    }

    private mutating func settle() -> [Action] {
        var actions: [Action] = []
        if !isAnswered, let outcome = outcome() {
            isAnswered = true
            actions.append(outcome)
        }
        if isAnswered, !walk.stands.contains(where: { $0.waiting }) { actions.append(.finish) }
        return actions
    }

    /// What the client can be told by now; nil: nothing yet.
    private func outcome() -> Action? {
        let homeMayKnow = walk.stands.contains { $0.waiting && !$0.desperate && $0.current == $0.home }
        let informed = answers.filter { $0.isHome || $0.siblings != nil || !homeMayKnow }
        let homes = answers.filter { $0.isHome && counts($0) }.count
        if informed.filter(counts).count >= policy.r, homes >= policy.pr, answers.count >= policy.confirms {
            return .answer
        }
        guard let failure = hopeless(homes: homes, negatives: informed.filter { !counts($0) }.count) else { return nil }
        // All answers so far agree that there is nothing: the key is missing, though that makes no quorum.
        let isMissing = !policy.notfoundOK && failures == 0 && answers.allSatisfy { $0.siblings == nil }
        return isMissing ? .answer : .fail(failure)
    }

    private func counts(_ answer: Answer) -> Bool { policy.notfoundOK || answer.siblings != nil }

    /// Stands of which no answer will come.
    private var failures: Int {
        walk.stands.filter { stand in !stand.waiting && !answers.contains { stand.asked.contains($0.node) } }.count
    }

    /// Why no answer still to come can make a quorum, or need be waited for; nil while one can.
    private func hopeless(homes: Int, negatives: Int) -> RequestFailure? {
        let waiting = walk.stands.filter { $0.waiting }
        let counted = answers.filter(counts).count
        let enough = min(policy.n / 2 + 1, policy.n - policy.r + 1)
        if counted + waiting.count < policy.r || policy.basicQuorum && negatives + failures >= enough {
            return .quorumFailed(have: counted, need: policy.r)
        }
        if homes + waiting.filter({ $0.current == $0.home }).count < policy.pr {
            return .primariesUnsatisfied(have: homes, need: policy.pr, write: false)
        }
        if answers.count + waiting.count < policy.confirms {
            return .nodesUnconfirmed(have: answers.count, need: policy.confirms)
        }
        return nil
    }
}
