import Nemesis
import Wire
import Workload

/// The network between the nodes of a run, as far as faults and witnesses need it: namespaces that a bridge joins
/// (``HubNetwork``), or relayed connections where namespaces are forbidden (``RelayNetwork``).
protocol NodeNetwork: Sendable {
    /// The nodes and where each is reached by observers and administrators.
    var links: [NodeLink] { get }
    /// Where clients reach a node.
    func clientAddress(of node: NodeLink) -> String
    /// Where `node` is told to reach the others.
    func members(_ members: [NodeLink], seenBy node: NodeLink) -> [NodeLink]
    /// What a node's command is put behind, to run where it belongs.
    func launcher(of node: String) -> [String]

    /// Replaces what is cut. Returns when it is.
    func cut(_ cuts: [DirectedLink], clientsOf nodes: [String]) throws
    /// Replaces what links suffer.
    func shape(_ shapes: [LinkShape]) throws
    /// Replaces the links that are answered with resets.
    func reset(_ links: [DirectedLink]) throws

    /// What shows that all of this was so.
    var evidence: any LinkEvidence { get }
}

/// What passed between the nodes, for the witnesses of faults of the network. Times are nanoseconds since the run began.
protocol LinkEvidence: Sendable {
    /// Ends looking. Why nothing of it proves anything; nil: it does.
    func stop() -> String?
    func proof(ofCut links: [DirectedLink], start: Int64, end: Int64) -> LinkProof
    func proof(of trouble: LinkTrouble, on links: [DirectedLink], start: Int64, end: Int64) -> LinkProof
    /// Packets (or pieces of relayed streams) and bytes delivered between nodes so far.
    func totals() -> (packets: Int, bytes: Int)
}

/// What the evidence says of one fault of the network.
struct LinkProof: Sendable, Hashable {
    var isProven: Bool
    /// For a person.
    var sentence: String
    /// Of a cut: what was sent across it and did not arrive, the last delivery before it and the first after it.
    var stopped: Int?
    var lastBefore: Int64?
    var firstAfter: Int64?
    /// Of trouble on links: what it came to, where packets were followed.
    var counts: LinkProbe.Counts?
}
