import Dynamo

// The messages of a round of reaping.

extension ReapEntries {
    init(round: UInt64, membership: UInt64, entries: [LeafEntry]) {
        self.init()
        self.round = round
        self.membership = membership
        self.entries = entries.map(\.wireForm)
    }

    func leafEntries() throws(PeerProtocolError) -> [LeafEntry] { try entries.leafEntries() }
}

extension [LeafPair] {
    func leafEntries() throws(PeerProtocolError) -> [LeafEntry] {
        var values: [LeafEntry] = []
        values.reserveCapacity(count)
        for pair in self { values.append(try LeafEntry(wire: pair)) }
        return values
    }
}

extension ReapAnswer {
    init(round: UInt64, positions: [Int]) {
        self.init()
        self.round = round
        self.positions = positions.map { UInt32(clamping: $0) }
    }
}

extension PeerNumber {
    init(_ number: UInt64) {
        self.init()
        self.number = number
    }
}

extension LeafEntry {
    var wireForm: LeafPair {
        var pair = LeafPair()
        pair.key = key.wireForm
        pair.hash = hash.wireForm
        return pair
    }

    init(wire: LeafPair) throws(PeerProtocolError) {
        self.init(key: Key(wire: wire.key), hash: try Hash128(wire: wire.hash))
    }
}
