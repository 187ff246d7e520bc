import Causality

extension SiblingSet where Payload == Content {
    /// What a Merkle tree holds for a key: replicas that store the same versions, with the same clocks, get the same
    /// hash. A key of which nothing is stored has no entry at all, instead of a special hash.
    public var hash: Hash128 {
        var digest = MD5()
        digest.update(UInt64(versions.count))
        for version in versions {
            digest.update(version.dot)
            digest.update(UInt64(version.clock.entries.count))
            for entry in version.clock.entries {
                digest.update(Dot(actor: entry.actor, counter: entry.counter))
                if entry.time > 0 { digest.update(entry.time) }
            }
            digest.update(version.tombstone ? 1 : 0)
            digest.update(version.payload)
        }
        return digest.digest()
    }

    /// The size of the values, for bounding messages.
    var valueBytes: Int { versions.reduce(0) { $0 + $1.payload.value.count } }
}

extension MD5 {
    fileprivate mutating func update(_ dot: Dot) {
        updateField(Array(dot.actor.node.utf8))
        update(dot.actor.incarnation)
        update(dot.counter)
    }

    fileprivate mutating func update(_ content: Content) {
        updateField(content.value)
        updateField(content.contentType)
        updateField(content.charset)
        updateField(content.contentEncoding)
        update(content.userMetadata)
        update(content.indexes)
        update(content.lastModified)
    }

    fileprivate mutating func update(_ pairs: [Content.Pair]) {
        update(UInt64(pairs.count))
        for pair in pairs {
            updateField(pair.key)
            updateField(pair.value)
        }
    }
}
