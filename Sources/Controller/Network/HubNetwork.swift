import Nemesis
import Synchronization
import Wire
import Workload

/// Namespaces joined by a bridge: cut by packet rules, shaped through packet sockets, proven by a capture on the bridge's ports.
final class HubNetwork: NodeNetwork {
    let links: [NodeLink]
    let capture: PacketCapture
    private let rules: PacketRules
    private let shaper: LinkShaper
    /// Whom each node answers with resets.
    private let refused = Mutex<[String: [String]]>([:])

    /// - Parameters:
    ///   - rules: whose table is there already.
    ///   - resets: whether links are going to be reset; then each node's network gets a table for that.
    init(links: [NodeLink], rules: PacketRules, capture: PacketCapture, seed: UInt64, resets: Bool) throws(ToolError) {
        self.links = links
        self.rules = rules
        self.capture = capture
        shaper = LinkShaper(links: links, seed: seed)
        guard resets else { return }
        for link in links {
            try Tool.run(["ip", "netns", "exec", link.node, "nft", "-f", "-"], input: CutRules.nodeTable)
        }
    }

    func clientAddress(of node: NodeLink) -> String { node.address }

    func members(_ members: [NodeLink], seenBy node: NodeLink) -> [NodeLink] { members }

    func launcher(of node: String) -> [String] { ["ip", "netns", "exec", node] }

    var evidence: any LinkEvidence { capture }

    func cut(_ cuts: [DirectedLink], clientsOf nodes: [String]) throws {
        shaper.setCuts(cuts)
        try rules.run(CutRules.replace(with: cuts, clientsOf: nodes, links: links))
    }

    func shape(_ shapes: [LinkShape]) throws {
        // Who carries begins before the bridge stops to carry, and ends after it began again: a packet may pass twice in
        // between, but none is lost by the change itself.
        let shaped = shapes.map(\.link)
        capture.follow(shaped.map { ($0.from, $0.to) })
        if !shapes.isEmpty { try shaper.set(shapes) }
        try rules.run(CutRules.shape(shaped, links: links))
        if shapes.isEmpty { try shaper.set([]) }
    }

    func reset(_ resets: [DirectedLink]) throws {
        capture.follow(resets.map { ($0.from, $0.to) })
        for link in links {
            let from = resets.filter { $0.to == link.node }.map(\.from)
            guard refused.withLock({ ($0.updateValue(from, forKey: link.node) ?? []) != from }) else { continue }
            try Tool.run(
                ["ip", "netns", "exec", link.node, "nft", "-f", "-"], input: CutRules.refuse(from, links: links))
        }
    }
}

extension PacketCapture: LinkEvidence {
    func stop() -> String? {
        let dropped: Int = stop()
        return dropped > 0 ? "the capture lost \(dropped) packets and proves nothing" : nil
    }

    func proof(ofCut links: [DirectedLink], start: Int64, end: Int64) -> LinkProof {
        let witness = witness(cut: links.map { ($0.from, $0.to) }, start: start, end: end)
        return LinkProof(
            isProven: witness.isProven, sentence: witness.sentence, stopped: witness.attempted,
            lastBefore: witness.lastBefore, firstAfter: witness.firstAfter)
    }

    func proof(of trouble: LinkTrouble, on links: [DirectedLink], start: Int64, end: Int64) -> LinkProof {
        let witness = witness(trouble.meant, on: links.map { ($0.from, $0.to) }, start: start, end: end)
        return LinkProof(isProven: witness.isProven, sentence: witness.sentence, counts: witness.counts)
    }
}

extension LinkTrouble {
    /// What the capture is asked about.
    fileprivate var meant: TroubleWitness.Meant {
        switch self {
        case .loss(let share): .loss(share)
        case .delay(let delay, _): .delay(Int64(delay / .nanoseconds(1)))
        case .reorder(let share): .reorder(share)
        case .duplicate(let share): .duplicate(share)
        case .rate(let bytes): .rate(bytes)
        case .reset: .reset
        case .halfOpen: .halfOpen
        }
    }
}
