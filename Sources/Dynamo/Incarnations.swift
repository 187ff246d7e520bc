/// The incarnations under which this node assigns dots, each used for one stretch of unbroken memory.
///
/// A dot must never be assigned twice, so an actor's counter may only go on from where it was left. Three things break
/// the thread:
/// - *A lost disk.* The node starts with a **base incarnation** drawn at random when its store has none, and
///   coordinates keys that it is home of under it for as long as the store lives.
/// - *A lost object.* The same on a smaller scale: a node that finds an object corrupt goes on under a new base.
/// - *A delivered hint.* A fallback deletes it, and with it the only place where the dots that it assigned to the key
///   were counted. So each hint under which a fallback first coordinates gets a **fresh incarnation**, kept with the
///   hint.
///
/// Fresh ones count up from the base, in a number that is stored before it is used: the sync that makes a write durable
/// covers the incarnation of its dot as well. The range drawn from, 2^48, makes it improbable that two bases of a node
/// lie within each other's count.
struct Incarnations {
    private(set) var base: UInt64
    /// The store had none, as after the loss of a disk.
    let isNew: Bool
    private var latest: UInt64
    /// No counter up to this one is assigned under the base incarnation any more, whatever the siblings of a key tell: in
    /// buckets that keep one version only, merges drop dots that nobody has seen, and a reaped tombstone tells nothing.
    private(set) var dotFloor: UInt64

    private static let baseName = "base-incarnation", latestName = "incarnation", floorName = "dot-floor"
    private static let arrivalName = "arrival"

    /// - Parameter reusesActor: the planted flaw `reused-actor`: every life without a store has the same base.
    init(store: inout some LocalStore, generator: inout SplitMix64, reusesActor: Bool = false) throws {
        // Even one that a 48-bit draw could never give leaves room to count up from.
        let drawn = reusesActor ? 1 : (generator.next() >> 16) | 1
        if let stored = try store.number(Incarnations.baseName) {
            base = stored
            isNew = false
        } else {
            base = drawn
            isNew = true
            try store.setNumber(Incarnations.baseName, base)
        }
        latest = max(base, try store.number(Incarnations.latestName) ?? base)
        dotFloor = try store.number(Incarnations.floorName) ?? 0
    }

    /// An incarnation that this node has never used and never will again.
    mutating func fresh(_ store: inout some LocalStore) throws -> UInt64 {
        latest += 1
        try store.setNumber(Incarnations.latestName, latest)
        return latest
    }

    /// Goes on under another base incarnation: what was stored of some keys is lost.
    mutating func renew(_ store: inout some LocalStore) throws {
        let fresh = try fresh(&store)
        try store.setNumber(Incarnations.baseName, fresh)
        base = fresh
    }

    /// Takes a fresh base incarnation when the node has come again since the one in use was taken; nil: it never left.
    mutating func renew(
        arrival: MembershipChange.ID?, _ store: inout some LocalStore
    ) throws {
        let mark = arrival?.mark ?? 0
        if try store.number(Incarnations.arrivalName) ?? 0 == mark { return }
        try renew(&store)
        try store.setNumber(Incarnations.arrivalName, mark)
    }

    /// Keeps later counters of the base incarnation above one that was assigned.
    mutating func raiseDotFloor(to counter: UInt64, _ store: inout some LocalStore) throws {
        dotFloor = max(dotFloor, counter)
        try store.setNumber(Incarnations.floorName, dotFloor)
    }
}

extension MembershipChange.ID {
    /// A number by which a node tells one of its arrivals from another; never 0.
    fileprivate var mark: UInt64 {
        var digest = MD5()
        digest.update(number)
        digest.updateField(Array(node.utf8))
        digest.update(incarnation)
        return digest.digest().high | 1
    }
}
