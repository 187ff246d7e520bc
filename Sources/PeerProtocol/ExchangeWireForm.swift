import Causality
import Dynamo
import Foundation

// The messages of a Merkle exchange. Positions and partitions are small and never negative: uint32 on the wire.

extension TreeRoots {
    init(exchange: UInt64, trees: [Int], roots: [Hash128]) {
        self.init()
        self.exchange = exchange
        self.trees = trees.map { UInt32(clamping: $0) }
        self.roots = roots.map(\.wireForm)
    }

    func message() throws(PeerProtocolError) -> Dynamo.Message {
        guard trees.count == roots.count else { throw .invalid("roots") }
        var values: [Hash128] = []
        values.reserveCapacity(roots.count)
        for root in roots { values.append(try Hash128(wire: root)) }
        return .treeRoots(exchange: exchange, trees: trees.map(Int.init), roots: values)
    }
}

extension RootsCompared {
    init(exchange: UInt64, equal: [Int], differing: [Int]) {
        self.init()
        self.exchange = exchange
        self.equal = equal.map { UInt32(clamping: $0) }
        self.differing = differing.map { UInt32(clamping: $0) }
    }

    func message() -> Dynamo.Message {
        .rootsCompared(exchange: exchange, equal: equal.map(Int.init), differing: differing.map(Int.init))
    }
}

extension TreeHashes {
    init(exchange: UInt64, partition: Int, level: Int, positions: [Int], hashes: [Hash128]) {
        self.init()
        self.exchange = exchange
        self.partition = UInt32(clamping: partition)
        self.level = UInt32(clamping: level)
        self.positions = positions.map { UInt32(clamping: $0) }
        self.hashes = hashes.map(\.wireForm)
    }

    func message() throws(PeerProtocolError) -> Dynamo.Message {
        guard positions.count == hashes.count else { throw .invalid("hashes") }
        var values: [Hash128] = []
        values.reserveCapacity(hashes.count)
        for hash in hashes { values.append(try Hash128(wire: hash)) }
        return .treeHashes(
            exchange: exchange, partition: Int(partition), level: Int(level), positions: positions.map(Int.init),
            hashes: values)
    }
}

extension TreeDiffers {
    init(exchange: UInt64, partition: Int, level: Int, positions: [Int]) {
        self.init()
        self.exchange = exchange
        self.partition = UInt32(clamping: partition)
        self.level = UInt32(clamping: level)
        self.positions = positions.map { UInt32(clamping: $0) }
    }

    func message() -> Dynamo.Message {
        .treeDiffers(
            exchange: exchange, partition: Int(partition), level: Int(level), positions: positions.map(Int.init))
    }
}

extension LeafKeys {
    init(exchange: UInt64, partition: Int, positions: [Int], entries: [LeafEntry]) {
        self.init()
        self.exchange = exchange
        self.partition = UInt32(clamping: partition)
        self.positions = positions.map { UInt32(clamping: $0) }
        self.entries = entries.map(\.wireForm)
    }

    func message() throws(PeerProtocolError) -> Dynamo.Message {
        .leafKeys(
            exchange: exchange, partition: Int(partition), positions: positions.map(Int.init),
            entries: try entries.leafEntries())
    }
}

extension Offer {
    init(request: UInt64, entries: [LeafEntry]) {
        self.init()
        self.request = request
        self.entries = entries.map(\.wireForm)
    }

    func message() throws(PeerProtocolError) -> Dynamo.Message {
        .offer(request: request, entries: try entries.leafEntries())
    }
}

extension Repair {
    init(exchange: UInt64, partition: Int, objects: [KeyedSiblings], wanted: [Key]) {
        self.init()
        self.exchange = exchange
        self.partition = UInt32(clamping: partition)
        self.objects = objects.map(\.wireForm)
        self.wanted = wanted.map(\.wireForm)
    }

    func message() throws(PeerProtocolError) -> Dynamo.Message {
        var values: [KeyedSiblings] = []
        values.reserveCapacity(objects.count)
        for object in objects { values.append(try KeyedSiblings(wire: object)) }
        return .repair(
            exchange: exchange, partition: Int(partition), objects: values, wanted: wanted.map(Key.init(wire:)))
    }
}
