import Causality
import Dynamo
import Foundation

extension Actor {
    var wireForm: PeerActor {
        var wire = PeerActor()
        wire.node = node
        wire.incarnation = incarnation
        return wire
    }
}

extension Dot {
    var wireForm: PeerDot {
        var wire = PeerDot()
        wire.actor = actor.wireForm
        wire.counter = counter
        return wire
    }

    init(wire: PeerDot) throws(PeerProtocolError) {
        guard wire.counter > 0, !wire.actor.node.isEmpty else { throw .invalid("dot") }
        self.init(actor: Actor(node: wire.actor.node, incarnation: wire.actor.incarnation), counter: wire.counter)
    }
}

extension VersionVector {
    var wireForm: [PeerDot] {
        entries.map { entry in
            var wire = Dot(actor: entry.actor, counter: entry.counter).wireForm
            wire.time = entry.time
            return wire
        }
    }

    init(wire: [PeerDot]) throws(PeerProtocolError) {
        var entries: [Entry] = []
        entries.reserveCapacity(wire.count)
        for entry in wire {
            let dot = try Dot(wire: entry)
            entries.append(Entry(actor: dot.actor, counter: dot.counter, time: entry.time))
        }
        self.init(entries: entries)
    }
}

extension Key {
    var wireForm: PeerKey {
        var wire = PeerKey()
        wire.bucket = Data(bucket)
        wire.name = Data(name)
        return wire
    }

    init(wire: PeerKey) { self.init(bucket: Array(wire.bucket), name: Array(wire.name)) }
}

extension Content {
    var wireForm: PeerContent {
        var wire = PeerContent()
        wire.value = Data(value)
        wire.contentType = Data(contentType)
        wire.charset = Data(charset)
        wire.contentEncoding = Data(contentEncoding)
        wire.userMetadata = userMetadata.map(\.wireForm)
        wire.indexes = indexes.map(\.wireForm)
        wire.lastModified = lastModified
        return wire
    }

    init(wire: PeerContent) {
        self.init(value: Array(wire.value))
        contentType = Array(wire.contentType)
        charset = Array(wire.charset)
        contentEncoding = Array(wire.contentEncoding)
        userMetadata = wire.userMetadata.map(Pair.init(wire:))
        indexes = wire.indexes.map(Pair.init(wire:))
        lastModified = wire.lastModified
    }
}

extension Content.Pair {
    var wireForm: PeerPair {
        var wire = PeerPair()
        wire.key = Data(key)
        wire.value = Data(value)
        return wire
    }

    init(wire: PeerPair) { self.init(key: Array(wire.key), value: Array(wire.value)) }
}

extension SiblingSet<Content> {
    /// More versions of one key than this are refused: merging them would hold up the node.
    static var maximumVersions: Int { 10_000 }

    var wireForm: PeerSiblings {
        var wire = PeerSiblings()
        wire.versions = versions.map { version in
            var item = PeerVersion()
            item.dot = version.dot.wireForm
            item.clock = version.clock.wireForm
            item.content = version.payload.wireForm
            item.tombstone = version.tombstone
            return item
        }
        return wire
    }

    init(wire: PeerSiblings) throws(PeerProtocolError) {
        guard wire.versions.count <= Self.maximumVersions else { throw .invalid("siblings") }
        var versions: [Version] = []
        versions.reserveCapacity(wire.versions.count)
        for item in wire.versions {
            versions.append(
                Version(
                    dot: try Dot(wire: item.dot), clock: try VersionVector(wire: item.clock),
                    payload: Content(wire: item.content), tombstone: item.tombstone))
        }
        self.init(versions: versions)
    }
}

extension KeyedSiblings {
    var wireForm: PeerKeyedSiblings {
        var wire = PeerKeyedSiblings()
        wire.key = key.wireForm
        wire.siblings = siblings.wireForm
        return wire
    }

    init(wire: PeerKeyedSiblings) throws(PeerProtocolError) {
        self.init(key: Key(wire: wire.key), siblings: try Siblings(wire: wire.siblings))
    }
}

extension Hash128 {
    /// Sixteen bytes, most significant first.
    var wireForm: Data {
        var bytes = Data(capacity: 16)
        for word in [high, low] { withUnsafeBytes(of: word.bigEndian) { bytes.append(contentsOf: $0) } }
        return bytes
    }

    init(wire: Data) throws(PeerProtocolError) {
        guard wire.count == 16 else { throw .invalid("hash") }
        var words: (high: UInt64, low: UInt64) = (0, 0)
        for (index, byte) in wire.enumerated() {
            if index < 8 {
                words.high = words.high << 8 | UInt64(byte)
            } else {
                words.low = words.low << 8 | UInt64(byte)
            }
        }
        self.init(high: words.high, low: words.low)
    }
}
