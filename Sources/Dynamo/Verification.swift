/// Finding out in the background what of the store is no longer what was written.
///
/// Bit by bit all objects are read in turn and checked, and so are the Merkle trees above them, which are hashed anew
/// from what was read. An object that is not what was written is as good as lost: it is left out of its tree, so that
/// the next exchange finds it missing and brings it back from the other homes. Until then it can be neither read nor
/// coordinated here.
extension Replica {
    mutating func verifyTick() {
        effects.append(.setTimer(.verify, after: configuration.verifyInterval))
        let limit = max(1, configuration.verifyRows)
        // What cannot be read now is read again at the next tick.
        guard let keys = try? store.verify(after: verifiedUpTo, limit: limit) else { return }
        verifiedUpTo = keys.count < limit ? nil : keys.last
        for key in keys {
            forest.touch(key, n: n(of: key.bucket))
            // Tombstones from before this node started are found again here.
            if configuration.reapAfter != nil, !graves.contains(key), (try? store.object(key))?.isGrave == true {
                graves.dig(key, at: now)
            }
        }
    }

    /// Draws the consequences of objects that were found lost, by whatever read.
    mutating func takeCorruptObjects() {
        let keys = store.takeCorruptKeys()
        if keys.isEmpty { return }
        for key in keys {
            forest.touch(key, n: n(of: key.bucket))
            note(.objectCorrupt(key))
        }
        // Which dots this node had assigned to these keys is lost with them, as with a lost disk: what comes back from
        // the other homes may not know the latest. So it goes on under an incarnation that it has never used.
        try? incarnations.renew(&store)
        sync(.nothing)
    }
}
