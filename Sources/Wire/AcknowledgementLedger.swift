/// What one node was told about the copies of the writes that it coordinates, in the order in which it was told.
///
/// Everything here passed that node's own port: a `replicated` counts once the wire has handed it to the node, so that whatever the
/// node sends afterwards can have known of it, and what it sent before cannot.
struct AcknowledgementLedger {
    /// Two generations: what was not touched for a generation is forgotten.
    private struct Aging<Key: Hashable, Value> {
        var young: [Key: Value] = [:]
        var old: [Key: Value] = [:]

        subscript(key: Key) -> Value? { young[key] ?? old[key] }

        mutating func set(_ key: Key, _ value: Value) { young[key] = value }

        mutating func age() {
            old = young
            young.removeAll(keepingCapacity: true)
        }
    }

    /// A generation ends after so many entries of a kind and no earlier than after so many nanoseconds: longer than any request
    /// stays open.
    static let generation: Int64 = 30_000_000_000
    static let mostEntries = 1 << 20

    private struct PeerRequest: Hashable {
        var peer: Int
        var request: UInt64
    }

    /// By the number of a `replicate` of this node: the prints of its own writes in it.
    private var replicated = Aging<UInt64, [UInt64]>()
    /// By print: which nodes have said that they hold it, a bit each.
    private var copies = Aging<UInt64, UInt64>()
    /// By who forwarded a put to this node and under which number: the key's hash.
    private var forwardedHere = Aging<PeerRequest, UInt64>()
    /// By the node that coordinates for this one, and the number: the key's hash.
    private var forwardedThere = Aging<PeerRequest, UInt64>()
    /// Prints of writes whose acknowledgement has come back from the node that coordinated them.
    private var returned = Aging<UInt64, Bool>()
    private var agedAt = Int64.min
    /// Requests begun before this time may have been forgotten in part.
    private(set) var completeSince = Int64.min

    mutating func age(at time: Int64) {
        if agedAt == .min { agedAt = time }
        let isFull = replicated.young.count > Self.mostEntries || copies.young.count > Self.mostEntries
        guard time - agedAt > Self.generation || isFull else { return }
        replicated.age()
        copies.age()
        forwardedHere.age()
        forwardedThere.age()
        returned.age()
        completeSince = agedAt
        agedAt = time
    }

    // MARK: - As a coordinator

    mutating func sent(replicate request: UInt64, writes: [UInt64]) {
        if replicated[request] == nil { replicated.set(request, writes) }
    }

    mutating func received(replicated request: UInt64, from peer: Int) {
        for write in replicated[request] ?? [] { copies.set(write, (copies[write] ?? 0) | 1 << UInt64(peer & 63)) }
    }

    /// How many other nodes have acknowledged a copy of the write by now.
    func acknowledgements(of write: UInt64) -> Int { (copies[write] ?? 0).nonzeroBitCount }

    mutating func received(forwardPut request: UInt64, from peer: Int, key: UInt64) {
        forwardedHere.set(PeerRequest(peer: peer, request: request), key)
    }

    func key(ofForwarded request: UInt64, to peer: Int) -> UInt64? {
        forwardedHere[PeerRequest(peer: peer, request: request)]
    }

    // MARK: - As the node that a client spoke to

    mutating func sent(forwardPut request: UInt64, to peer: Int, key: UInt64) {
        forwardedThere.set(PeerRequest(peer: peer, request: request), key)
    }

    func key(ofReturned request: UInt64, from peer: Int) -> UInt64? {
        forwardedThere[PeerRequest(peer: peer, request: request)]
    }

    mutating func received(acknowledgementOf write: UInt64) { returned.set(write, true) }

    func hasReturned(_ write: UInt64) -> Bool { returned[write] != nil }
}
