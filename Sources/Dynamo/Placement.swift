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

    /// How many members, or homes only, can be asked: all but those suspected.
    func reachable(_ nodes: some Sequence<String>) -> Int {
        nodes.reduce(0) { $0 + (detector.suspects($1) ? 0 : 1) }
    }

    /// Where a request goes from here (DeCandia et al. 2007, §4.5): a home coordinates by itself, any other node leaves
    /// it to the first home that it does not suspect, and coordinates as a fallback only where there is none.
    enum Route: Hashable {
        case here
        case forward(to: String)
        case nowhere
    }

    /// - Parameters:
    ///   - origin: a request that was forwarded once is not forwarded again.
    ///   - tried: homes that were forwarded to in vain.
    func route(_ placement: Placement, from origin: Origin, except tried: [String] = []) -> Route {
        if placement.isHome(node) { return .here }
        // Who has left sees no more of what becomes of the data (basho/riak_kv#1754).
        if !membership.isMember(node) { return .nowhere }
        if case .client = origin,
            let home = placement.homes.first(where: { !detector.suspects($0) && !tried.contains($0) })
        {
            return .forward(to: home)
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
