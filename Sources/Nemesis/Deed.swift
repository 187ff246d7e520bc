import Workload

/// A fault with everything drawn: what is done, to which nodes and links. Carried out by ``NemesisRunner``.
public enum Deed: Sendable, Hashable {
    case kill([String])
    case pause([String])
    case rollingRestart([String])
    case powerLoss([String])
    case outOfMemory([String])
    /// Percent of one processor.
    case throttle(Int, [String])
    /// A partition as a history tells it: sides, the directions that are cut, and the nodes that clients are cut from.
    case partition(groups: [[String]], cuts: [DirectedLink], clientsOf: [String])
    /// Directions cut that no partition into sides can tell of.
    case cut([DirectedLink])
    case trouble(LinkTrouble, [DirectedLink])
    case clock(ClockTrouble, [String])
    case disk(DiskTrouble, [String])
    case damage(FileDamage, [String])
    case join(String)
    case leave(String)
    case replace(String, with: String)

    /// What a history and a reader call it.
    public var name: String {
        switch self {
        case .kill: "kill"
        case .pause: "pause"
        case .rollingRestart: "restart"
        case .powerLoss: "power-loss"
        case .outOfMemory: "oom"
        case .throttle: "throttle"
        case .partition: "partition"
        case .cut: "cut"
        case .trouble(let trouble, _): trouble.word
        case .clock: "clock"
        case .disk(let trouble, _): "disk \(trouble.word)"
        case .damage(let damage, _): damage.rawValue
        case .join: "join"
        case .leave: "leave"
        case .replace: "replace"
        }
    }

    /// The nodes at fault; none where links are.
    public var nodes: [String] {
        switch self {
        case .kill(let nodes), .pause(let nodes), .rollingRestart(let nodes): nodes
        case .powerLoss(let nodes), .outOfMemory(let nodes), .throttle(_, let nodes): nodes
        case .clock(_, let nodes), .disk(_, let nodes), .damage(_, let nodes): nodes
        case .join(let node), .leave(let node): [node]
        case .replace(let node, let newcomer): [node, newcomer]
        case .partition, .cut, .trouble: []
        }
    }

    /// The links at fault.
    public var links: [DirectedLink] {
        switch self {
        case .partition(_, let cuts, _), .cut(let cuts): cuts
        case .trouble(_, let links): links
        default: []
        }
    }

    /// What of its nodes a fault takes, so that no other fault may have it at the same time.
    enum Claim: Hashable {
        /// The process is stopped, killed or replaced: nothing else may be done to the node.
        case process
        case clock, disk, processor
        case nothing
    }

    var claim: Claim {
        switch self {
        case .kill, .pause, .rollingRestart, .powerLoss, .outOfMemory, .damage, .leave, .replace: .process
        case .clock: .clock
        case .disk: .disk
        case .throttle: .processor
        case .partition, .cut, .trouble, .join: .nothing
        }
    }
}

extension FaultSpec.Action {
    /// What this will take of its targets, beside their processes.
    var claim: Deed.Claim {
        switch self {
        case .clock: .clock
        case .disk: .disk
        case .throttle: .processor
        // Files can be damaged only where the disk takes what a node stores, and gives it back.
        case .files: .disk
        default: .process
        }
    }
}

extension DiskTrouble {
    public var word: String {
        switch self {
        case .full: "full"
        case .slow: "slow"
        case .error: "error"
        case .readOnly: "read-only"
        }
    }
}
