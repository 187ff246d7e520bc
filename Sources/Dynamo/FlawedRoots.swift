import Causality

/// What the planted flaws about trees and reaping do in place of what is right.
extension Replica {
    /// A root as it is told to peers and observers.
    func told(_ root: Hash128?, tree: Int) -> Hash128? {
        switch configuration.flaw {
        case .frozenTree: root == nil ? nil : Hash128(high: UInt64(tree), low: 0)
        case .xorLeaves: root == nil ? nil : xorRoot(tree)
        default: root
        }
    }

    /// The exclusive or of the hashes of what was seen of each key, and not of the keys themselves.
    private func xorRoot(_ tree: Int) -> Hash128? {
        let range = ring.positions(of: tree % ring.partitions)
        let entries = try? store.entries(from: range.lowerBound, through: range.upperBound, after: nil, limit: .max)
        return entries?.reduce(.zero) { sum, entry in
            guard let object = (try? store.object(entry.key)) ?? nil else { return sum }
            var digest = MD5()
            for entry in object.context.entries {
                digest.updateField(Array(entry.actor.node.utf8))
                digest.update(entry.counter)
            }
            let hash = digest.digest()
            return Hash128(high: sum.high ^ hash.high, low: sum.low ^ hash.low)
        }
    }

    /// Who is asked whether a tombstone may go, besides this node: everybody, or nobody that is suspected.
    var reapPeers: [PeerState] { has(.reapWithoutAbsent) ? detector.peers.filter { !$0.suspected } : detector.peers }
}
