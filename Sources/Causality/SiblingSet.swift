/// A version: what one write event stored, and the causal past that its writer had seen.
public struct DottedVersion<Payload: Hashable & Sendable>: Hashable, Sendable {
    /// The write event itself.
    public var dot: Dot
    /// The writer's causal past, not counting ``dot`` but in a classic version: see ``isClassic``.
    public var clock: VersionVector
    public var payload: Payload
    /// The write was a delete.
    public var tombstone: Bool

    public init(dot: Dot, clock: VersionVector, payload: Payload, tombstone: Bool = false) {
        self.dot = dot
        self.clock = clock
        self.payload = payload
        self.tombstone = tombstone
    }

    /// The version is told apart by its clock alone, which holds its own event as the latest of its actor, as the
    /// paper's `<node, counter>` lists do.
    public var isClassic: Bool { clock.contains(dot) }

    /// The causal past that the version claims, not counting ``dot``.
    public var past: VersionVector { isClassic ? clock.before(dot) : clock }

    /// Whether the writer of this version had seen another version, as far as clocks tell.
    ///
    /// A dotted clock that holds the other's dot holds all that the other had seen. A classic one may have been
    /// truncated since, and is then compared entry by entry, as the paper does it: what was forgotten was not seen.
    func hasSeen(_ other: Self) -> Bool {
        clock.contains(other.dot) && other.dot != dot && (!other.isClassic || clock.descends(from: other.clock))
    }

    /// Of two versions with one dot, which is one write as long as nobody assigns a dot twice, either will do. Truncated
    /// clocks may count anew, though; then all replicas must choose alike, and take the one that has seen more.
    func preferred(to other: Self) -> Bool {
        if clock == other.clock || clock.descends(from: other.clock) { return true }
        return !other.clock.descends(from: clock) && clock.description < other.clock.description
    }
}

/// The concurrent versions of one key: none of them has seen another.
///
/// Every version is a *dotted version vector* (Preguiça et al. 2010): the dot names the write event apart from its
/// causal past, so two writes through one coordinator by clients that had seen the same are told apart, which the
/// paper's plain `<node, counter>` lists cannot do (DeCandia et al. 2007, §4.4). The compact form of Almeida et al.
/// 2014 shares one vector among all versions of a set; here each version keeps its **own** clock, because a checker
/// judges the past that each single version claims.
///
/// **Invariant.** A replica's set is *downward closed*: for the dot `(i, c)` of a version present, or in a clock of
/// one, each `(i, c')` with `c' ≤ c` is present too or dominated. It holds because a coordinator always ships its whole
/// set, and because a join of closed sets is closed. That is what makes plain version vectors safe as contexts: `{i:
/// c}` claims all of `1 … c`, and whoever is handed that context was handed, or need not see, every one of them.
public struct SiblingSet<Payload: Hashable & Sendable>: Hashable, Sendable {
    public typealias Version = DottedVersion<Payload>

    /// In ascending order of dot.
    public private(set) var versions: [Version]

    /// No version at all: the key was never written.
    public init() { versions = [] }

    /// Takes versions in any order, drops those that another has seen, and keeps the first of those with one dot.
    public init(versions unordered: [Version]) {
        versions = []
        versions.reserveCapacity(unordered.count)
        // Swift's sort is stable: of two versions with one dot the first given stays first.
        for version in unordered.sorted(by: { $0.dot < $1.dot }) where versions.last?.dot != version.dot {
            if !unordered.contains(where: { $0.hasSeen(version) }) { versions.append(version) }
        }
    }

    public var isEmpty: Bool { versions.isEmpty }

    /// Everything that the versions know of: the join of their clocks and dots. A client passes it back with its next
    /// write.
    public var context: VersionVector {
        var context = VersionVector()
        for version in versions {
            context.merge(version.clock)
            context.insert(version.dot)
        }
        return context
    }

    /// Whether the event is present or was seen by a version present.
    public func covers(_ dot: Dot) -> Bool {
        versions.contains { $0.dot == dot || $0.clock.contains(dot) }
    }

    /// The join of two sets: a version stays unless one of the other set has seen it. Commutative, associative,
    /// idempotent.
    ///
    /// One dot is one write, so of two versions with the same dot either will do.
    public func merging(_ other: SiblingSet) -> SiblingSet {
        if other.versions.isEmpty || versions == other.versions { return self }
        if versions.isEmpty { return other }
        var joined: [Version] = []
        joined.reserveCapacity(versions.count + other.versions.count)
        var left = 0
        var right = 0
        while left < versions.count || right < other.versions.count {
            if right == other.versions.count
                || left < versions.count && versions[left].dot <= other.versions[right].dot
            {
                var version = versions[left]
                if right < other.versions.count, other.versions[right].dot == version.dot {
                    if !version.preferred(to: other.versions[right]) { version = other.versions[right] }
                    right += 1
                }
                if !other.versions.contains(where: { $0.hasSeen(version) }) { joined.append(version) }
                left += 1
            } else {
                let version = other.versions[right]
                if !versions.contains(where: { $0.hasSeen(version) }) { joined.append(version) }
                right += 1
            }
        }
        var result = SiblingSet()
        result.versions = joined
        return result
    }

    /// Adds a new version written by a client that had seen `context`, in place of every version whose dot it had seen.
    ///
    /// `dot` must be new: later than every event of its actor in this set and in `context`.
    public mutating func write(dot: Dot, context: VersionVector, payload: Payload, tombstone: Bool = false) {
        versions.removeAll { context.contains($0.dot) }
        let index = versions.firstIndex { dot < $0.dot } ?? versions.count
        versions.insert(Version(dot: dot, clock: context, payload: payload, tombstone: tombstone), at: index)
    }

    /// Adds a new version as the paper does it: its clock is the context with its own event as the latest of its actor,
    /// truncated, and takes the place of every version whose clock it descends from.
    ///
    /// That clock claims all earlier events of the actor, whether the writer had seen them or not. So of two writers that
    /// had seen the same and come to one coordinator, the second takes the place of the first: the loss that dotted
    /// versions are made to prevent.
    ///
    /// - Parameters:
    ///   - dot: later than every event of its actor in this set and in `context`.
    ///   - time: when, in microseconds since 1970.
    ///   - limit: entries that the clock may have; the oldest go beyond it.
    public mutating func writeClassic(
        dot: Dot, context: VersionVector, at time: UInt64, limit: Int, payload: Payload, tombstone: Bool = false
    ) {
        var clock = context
        clock.insert(dot, time: time)
        clock.truncate(to: limit, keeping: dot.actor)
        let version = Version(dot: dot, clock: clock, payload: payload, tombstone: tombstone)
        versions.removeAll { version.hasSeen($0) }
        let index = versions.firstIndex { dot < $0.dot } ?? versions.count
        versions.insert(version, at: index)
    }
}
