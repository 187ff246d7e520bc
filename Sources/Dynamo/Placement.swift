/// Where a request's key lives, and what was asked of it, with all defaults resolved.
struct Placement {
    /// All members in the order of the key's preference list.
    let preference: [String]
    /// Replicas: the request's N or the bucket's, which may exceed the number of members.
    let n: Int
    let sloppy: Bool
    /// Nodes that are to become homes once their data has moved: every write goes to them, too, and counts for nothing.
    let coming: [String]

    var homes: ArraySlice<String> { preference.prefix(n) }

    func isHome(_ node: String) -> Bool { homes.contains(node) }
}

extension Replica {
    func placement(of key: Key, n: Int?, sloppyQuorum: Bool?) -> Placement {
        let partition = partition(of: key)
        return Placement(
            preference: ring.preferenceList(partition),
            n: has(.seamClaim) && partition >= ring.partitions * 7 / 8 ? 2 : n ?? self.n(of: key.bucket),
            // Without hints a fallback has nothing to say and nowhere to store.
            sloppy: configuration.hintedHandoff && (sloppyQuorum ?? configuration.sloppyQuorum),
            coming: has(.oldOwnersOnly) ? [] : membership.coming(partition: partition, n: self.n(of: key.bucket)))
    }

    /// How many members, or homes only, can be asked: all but those suspected that are not perhaps about to come up.
    func reachable(_ nodes: some Sequence<String>) -> Int {
        nodes.reduce(0) { $0 + (detector.suspects($1) && !detector.mayComeUp($1) ? 0 : 1) }
    }

    /// Where a request goes from here (DeCandia et al. 2007, §4.5): a home coordinates by itself, any other node leaves
    /// it to the first home that it does not doubt, or at least not suspect, and coordinates as a fallback only where there
    /// is none. A node that has left goes on serving clients in the same way until it is stopped, but coordinates nothing.
    enum Route: Hashable {
        case here
        case forward(to: String)
        case nowhere
    }

    /// - Parameters:
    ///   - origin: a request that was forwarded once is not forwarded again by a member.
    ///   - tried: homes that were forwarded to in vain.
    func route(_ placement: Placement, from origin: Origin, except tried: [String] = []) -> Route {
        if placement.isHome(node) { return .here }
        let hasLeft = !membership.isMember(node)
        // Who has left passes on what members still send it, too: they do not know yet, and members pass nothing on twice.
        if hasLeft || origin.isClient {
            let homes = placement.homes.filter { !detector.suspects($0) && !tried.contains($0) }
            if let home = homes.first(where: { !detector.doubts($0, at: now) }) ?? homes.first {
                return .forward(to: home)
            }
            let awaited = placement.homes.first { detector.mayComeUp($0) && !tried.contains($0) }
            if !placement.sloppy, let awaited { return .forward(to: awaited) }
        }
        // Who has left sees no more of what becomes of the data (basho/riak_kv#1754): it leaves coordinating to members.
        if hasLeft {
            let others = placement.sloppy ? placement.preference : []
            let fallback = others.first { !detector.suspects($0) && !tried.contains($0) }
            return fallback.map { .forward(to: $0) } ?? .nowhere
        }
        return placement.sloppy ? .here : .nowhere
    }

    /// A quorum as a number: the request's, the bucket's or the store's, the last of which bows to a smaller N.
    func quorum(_ asked: Quorum, _ bucket: Quorum, _ store: Quorum, n: Int) -> Int {
        max(0, asked.resolve(n: n) ?? bucket.resolve(n: n) ?? min(n, store.resolve(n: n) ?? n / 2 + 1))
    }

    /// Whether a request may ask for so many replicas: more than the bucket has would leave copies on nodes that no
    /// exchange looks after.
    func isOffered(n: Int?, of bucket: [UInt8]) -> Bool { n.map { (1...self.n(of: bucket)).contains($0) } ?? true }

    /// How long a request may take, in nanoseconds.
    func patience(_ asked: Int64?) -> Int64 {
        min(max(0, asked ?? configuration.requestTimeout), Limits.longestTimeout)
    }

    var isOverloaded: Bool { puts.count + gets.count + forwards.count >= Limits.openRequests }
}
