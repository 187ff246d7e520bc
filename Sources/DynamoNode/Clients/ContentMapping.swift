import Causality
import Dynamo
import Foundation
import RiakProtocol

extension Content {
    init(_ wire: RpbContent) throws(ClientFailure) {
        if !wire.links.isEmpty { throw .unsupported("links") }
        self.init(value: [UInt8](wire.value))
        contentType = [UInt8](wire.contentType)
        charset = [UInt8](wire.charset)
        contentEncoding = [UInt8](wire.contentEncoding)
        userMetadata = wire.usermeta.map { Pair(key: [UInt8]($0.key), value: [UInt8]($0.value)) }
        indexes = wire.indexes.map { Pair(key: [UInt8]($0.key), value: [UInt8]($0.value)) }
    }
}

/// How the versions of a key are shown to a client.
struct ContentView {
    /// Values are left out.
    var head: Bool
    /// Dots and clocks are shown, and tombstones with what their writer put into them: what a checker of causality
    /// needs.
    var clocks: Bool

    /// The contents of an answer. Nothing but tombstones is nothing, to an ordinary client.
    func contents(_ siblings: Siblings) -> [RpbContent] {
        if !clocks, siblings.versions.allSatisfy(\.tombstone) { return [] }
        return siblings.versions.map(content)
    }

    private func content(_ version: Siblings.Version) -> RpbContent {
        let content = version.payload
        var wire = RpbContent()
        wire.value = head || (version.tombstone && !clocks) ? Data() : Data(content.value)
        if !content.contentType.isEmpty { wire.contentType = Data(content.contentType) }
        if !content.charset.isEmpty { wire.charset = Data(content.charset) }
        if !content.contentEncoding.isEmpty { wire.contentEncoding = Data(content.contentEncoding) }
        wire.vtag = Data(VersionTag.of(version.dot))
        wire.lastMod = UInt32(clamping: content.lastModified / 1_000_000)
        wire.lastModUsecs = UInt32(content.lastModified % 1_000_000)
        wire.usermeta = content.userMetadata.map(RpbPair.init)
        wire.indexes = content.indexes.map(RpbPair.init)
        if version.tombstone { wire.deleted = true }
        if clocks {
            wire.dot = DynoDot(version.dot)
            wire.clock = version.past.dots
        }
        return wire
    }
}

extension RpbPair {
    init(_ pair: Content.Pair) {
        self.init()
        key = Data(pair.key)
        value = Data(pair.value)
    }
}

extension DynoDot {
    /// The actor as the text of its description, `n1.7`.
    init(_ dot: Dot) {
        self.init()
        actor = Data(dot.actor.description.utf8)
        counter = dot.counter
    }
}

extension VersionVector {
    /// The entries in the form of dots.
    var dots: [DynoDot] { entries.map { DynoDot(Dot(actor: $0.actor, counter: $0.counter)) } }

    /// The context for a `vclock` field.
    var vclock: Data { Data(ContextCodec.encode(self)) }
}
