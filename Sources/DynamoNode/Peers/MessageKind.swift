import Dynamo

/// What a message between nodes is about, for metrics.
enum MessageKind: String, CaseIterable {
    case replication, forwarding, handoff, exchange, listing
    /// Liveness, membership and bucket properties.
    case gossip
}

/// Messages and their bytes.
struct Traffic {
    private(set) var messages = 0
    private(set) var bytes = 0

    mutating func add(_ bytes: Int) {
        messages += 1
        self.bytes += bytes
    }
}

extension Message {
    var kind: MessageKind {
        switch self {
        case .replicate, .replicated, .fetch, .fetched: .replication
        case .forwardGet, .forwardPut, .forwarded: .forwarding
        case .handoff, .handedOff: .handoff
        case .treeRoots, .rootsCompared, .treeHashes, .treeDiffers, .leafKeys, .repair: .exchange
        case .list, .listed: .listing
        default: .gossip
        }
    }
}
