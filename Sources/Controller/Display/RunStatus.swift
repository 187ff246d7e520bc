import Nemesis

/// How a run stands: what its display shows.
public struct RunStatus: Sendable, Hashable {
    /// What a node is going through.
    public enum NodeState: String, Sendable, Hashable {
        case up, down, paused, cut
        /// Its links, its clock or its disk are troubled.
        case troubled
    }

    public struct Node: Sendable, Hashable {
        public var name: String
        public var state: NodeState
        public init(name: String, state: NodeState) {
            self.name = name
            self.state = state
        }
    }

    /// `load`, `heal` or `final`.
    public var phase: String
    /// Seconds since the phase began.
    public var seconds = 0.0
    public var operations = 0
    public var ok = 0
    /// Operations a second, the latest last; at most as many as a sparkline shows.
    public var rates: [Double] = []
    /// Latencies in microseconds; nil before the first operation.
    public var p50: UInt64?
    public var p99: UInt64?
    public var nodes: [Node] = []
    /// The faults in force, in words.
    public var faults: [String] = []
    public var hintsWaiting: Int?
    /// Anomalies that are certain already; nil: not looked for.
    public var anomalies: Int?
    /// What passes the network, in words; nil where it is not read.
    public var wire: String?
    /// What the phase waits for.
    public var waitingFor: String?

    public init(phase: String) { self.phase = phase }

    /// What faults in force mean for the nodes.
    static func states(of nodes: [String], running: (String) -> Bool, under deeds: [Deed]) -> [Node] {
        nodes.map { node in
            var state = NodeState.up
            for deed in deeds where state != .down {
                switch deed {
                case .kill(let nodes) where nodes.contains(node), .damage(_, let nodes) where nodes.contains(node),
                    .powerLoss(let nodes) where nodes.contains(node),
                    .outOfMemory(let nodes) where nodes.contains(node):
                    state = .down
                case .pause(let nodes) where nodes.contains(node): state = .paused
                case .partition(let groups, _, _) where groups.contains { $0.contains(node) } && groups.count > 1:
                    if state != .paused { state = .cut }
                default:
                    let isTouched =
                        deed.nodes.contains(node) || deed.links.contains { $0.from == node || $0.to == node }
                    if isTouched, state == .up { state = .troubled }
                }
            }
            return Node(name: node, state: running(node) ? state : .down)
        }
    }
}
