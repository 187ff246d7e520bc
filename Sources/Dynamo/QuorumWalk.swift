/// Who is asked in the name of each home of a key: the homes themselves, and further down the preference list a
/// fallback for each home that is suspected or does not answer. This is the sloppy quorum of DeCandia et al. 2007,
/// §4.6.
struct QuorumWalk {
    /// The place of one home.
    struct Stand {
        let home: String
        /// Who was asked in its name, the current one last. No node is asked in the name of two homes.
        var asked: [String]
        /// The current one has not answered yet.
        var waiting = true
        /// It is waited for for want of anybody else: the home was asked although it is suspected, or has had its time.
        var desperate = false
        /// It is to become a home only: it counts toward no quorum, and nobody stands in for it.
        var isComing = false

        var current: String { asked[asked.count - 1] }
    }

    var stands: [Stand] = []
    private var spares: [String]

    /// - Parameters:
    ///   - sloppy: whether fallbacks may stand in.
    ///   - node: this node. When it is no home it takes the first stand itself, because it coordinates for want of a
    ///     home.
    ///   - coming: nodes that are to become homes.
    init(
        preference: [String], n: Int, node: String, sloppy: Bool, coming: [String] = [], detector: FailureDetector
    ) {
        let homes = preference.prefix(n)
        spares = sloppy ? preference.dropFirst(n).filter { $0 != node && !coming.contains($0) } : []
        let isHome = homes.contains(node)
        for (index, home) in homes.enumerated() {
            if !isHome, index == 0 {
                stands.append(Stand(home: home, asked: [node]))
            } else if !detector.suspects(home) {
                stands.append(Stand(home: home, asked: [home]))
            } else if let spare = nextSpare(detector) {
                stands.append(Stand(home: home, asked: [spare]))
            } else {
                stands.append(Stand(home: home, asked: [home], desperate: true))
            }
        }
        for home in coming where home != node {
            stands.append(Stand(home: home, asked: [home], desperate: detector.suspects(home), isComing: true))
        }
    }

    /// The stand in which a node was asked, be it the current one or not.
    func stand(of node: String) -> Int? { stands.firstIndex { $0.asked.contains(node) } }

    /// The stand that waits for a node's answer.
    func stand(awaiting node: String) -> Stand? { stands.first { $0.waiting && $0.current == node } }

    /// The next fallback takes a stand's turn; nil when there is none.
    ///
    /// - Parameter patiently: where there is none, the node asked last is waited for as long as it is not suspected. It
    ///   may only be slow, as all nodes are right after they have started together, and to give it up would help nobody.
    ///   One that may be about to come up is waited for in any case.
    mutating func replace(_ stand: Int, detector: FailureDetector, patiently: Bool) -> String? {
        guard !stands[stand].isComing, let spare = nextSpare(detector) else {
            let current = stands[stand].current
            let mayAnswer = patiently && !detector.suspects(current) || detector.mayComeUp(current)
            let waits = mayAnswer && !stands[stand].isComing
            stands[stand].waiting = waits
            stands[stand].desperate = waits || stands[stand].desperate
            return nil
        }
        stands[stand].asked.append(spare)
        stands[stand].waiting = true
        return spare
    }

    private mutating func nextSpare(_ detector: FailureDetector) -> String? {
        while !spares.isEmpty {
            let spare = spares.removeFirst()
            if !detector.suspects(spare) { return spare }
        }
        return nil
    }
}
