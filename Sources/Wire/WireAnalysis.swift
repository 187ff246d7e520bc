/// Puts together what the ports of all nodes show: who said what to whom, and what each acknowledgement rested on.
///
/// Fed with captured packets in the order in which each port had them; made for one thread.
public final class WireAnalysis {
    /// How long a decision waits, in nanoseconds, for gaps and lost packets that turn up after the fact.
    private static let patience: Int64 = 1_000_000_000

    private var setting: WireSetting
    private let views: [NodeView]
    private var tally: WireTally
    private var pending: [PendingAcknowledgement] = []
    private var decided: [AcknowledgedPut] = []
    /// By print: how many acknowledgements a coordinator had when it answered the node that forwarded the put; two generations.
    private var coordinated: [UInt64: Int] = [:]
    private var coordinatedBefore: [UInt64: Int] = [:]
    /// Time of the newest packet; before any there is nothing to decide.
    private var newest: Int64 = 0
    private var judged = 0
    private var below = 0
    private var unjudged = 0
    private var propertiesSet = false
    private var handedOff = 0
    private var repaired = 0
    private var packets = 0
    private var missedPackets = 0

    public init(_ setting: WireSetting) {
        self.setting = setting
        views = setting.nodes.indices.map { NodeView(place: $0, setting: setting) }
        tally = WireTally(places: setting.nodes.count + 1)
    }

    /// Takes an Ethernet frame that passed the port of a node.
    ///
    /// - Parameters:
    ///   - port: the node's place in the setting.
    ///   - time: nanoseconds since the run began.
    ///   - length: bytes of the frame on the wire.
    ///   - frame: what was captured of it.
    public func take(port: Int, time: Int64, length: Int, frame: UnsafeRawBufferPointer) {
        guard views.indices.contains(port), let header = PacketHeader(ethernet: frame) else { return }
        newest = max(newest, time)
        packets += 1
        let own = setting.nodes[port].address
        let isSent = header.source == own
        let from = setting.place(of: header.source) ?? setting.hub
        let to = setting.place(of: header.destination) ?? setting.hub
        // The hub has no port of its own: what it says and hears is seen at the node's alone.
        let isOnlySeenHere = from == setting.hub || to == setting.hub
        tally.packet(
            tally.link(from, to), at: time, bytes: max(0, length - 14), sent: isSent || isOnlySeenHere,
            delivered: !isSent || isOnlySeenHere)
        guard let segment = TCPSegment(ethernet: frame, length: length) else { return }
        views[port].take(segment, of: frame, at: time) { note($0, at: time) }
        if pending.count > 64 { decide(before: newest - Self.patience) }
    }

    /// So many packets of a port were lost between two instants.
    public func missed(port: Int, packets: Int, from: Int64, to: Int64) {
        missedPackets += packets
        if views.indices.contains(port) { views[port].missed(from: from, to: to) }
    }

    /// Decides what can be decided by now, or, at the end, everything. Takes the decisions away.
    public func takeDecided(atEnd: Bool) -> [AcknowledgedPut] {
        decide(before: atEnd ? .max : newest - Self.patience)
        defer { decided = [] }
        return decided
    }

    private func note(_ sighting: NodeView.Sighting, at time: Int64) {
        switch sighting {
        case .message(let kind, let from, let to, let bytes):
            tally.message(kind, tally.link(from, to), at: time, bytes: bytes)
        case .coordinated(let write, let acknowledgements):
            if coordinated.count >= AcknowledgementLedger.mostEntries {
                coordinatedBefore = coordinated
                coordinated = [:]
            }
            coordinated[write] = acknowledgements
        case .acknowledged(let put): pending.append(put)
        case .unreadable: unjudged += 1
        case .handedOff: handedOff += 1
        case .repaired(let objects): repaired += objects
        case .propertiesSet: propertiesSet = true
        }
    }

    private func decide(before time: Int64) {
        var waiting: [PendingAcknowledgement] = []
        for put in pending {
            if put.answered < time { decide(put) } else { waiting.append(put) }
        }
        pending = waiting
    }

    private func decide(_ put: PendingAcknowledgement) {
        let seen = put.acknowledgements ?? coordinated[put.print] ?? coordinatedBefore[put.print] ?? 0
        let verdict = AcknowledgedPut(
            id: put.id, w: put.w, acknowledgements: seen, coordinator: setting.nodes[put.coordinator].name)
        // What was seen was there, whatever was not; that too little was there takes having seen everything.
        if verdict.isBelowW, propertiesSet || isBlind(to: put) {
            unjudged += 1
            return
        }
        judged += 1
        if verdict.isBelowW { below += 1 }
        decided.append(verdict)
    }

    private func isBlind(to put: PendingAcknowledgement) -> Bool {
        [views[put.answerer], views[put.coordinator]].contains { view in
            view.blindness.overlaps(put.began, put.answered) || put.began < view.ledger.completeSince
        }
    }

    // MARK: - Report

    /// Everything that was counted so far.
    public var report: WireReport {
        var report = WireReport()
        report.packets = packets
        report.dropped = missedPackets
        report.gaps = views.reduce(0) { $0 + $1.gaps }
        report.gapBytes = views.reduce(0) { $0 + $1.gapBytes }
        report.begunBefore = views.reduce(0) { $0 + $1.begunBefore }
        report.judged = judged
        report.belowW = below
        report.unjudged = unjudged
        report.waiting = pending.count
        report.hintsAcknowledged = handedOff
        report.objectsRepaired = repaired
        for from in 0..<tally.places {
            for to in 0..<tally.places {
                let link = tally.link(from, to)
                if tally.seconds[link].isEmpty { continue }
                report.links.append(self.link(link, from: from, to: to))
            }
        }
        for (index, seconds) in tally.kinds.enumerated() where !seconds.isEmpty {
            let kind = WireKind(index: UInt8(index))
            let all = tally.messages.filter { !$0.isEmpty }.map { $0[index] }
            report.kinds.append(
                WireReport.Kind(
                    name: kind.name, group: kind.group, messages: all.reduce(0) { $0 + $1.count },
                    bytes: all.reduce(0) { $0 + $1.bytes }, seconds: seconds))
        }
        report.shorten()
        return report
    }

    private func link(_ link: Int, from: Int, to: Int) -> WireReport.Link {
        let seconds = tally.seconds[link]
        var groups: [String: WireReport.Count] = [:]
        for (kind, count) in tally.messages[link].enumerated() where count.count > 0 {
            groups[WireKind(index: UInt8(kind)).group, default: .init()].messages += count.count
            groups[WireKind(index: UInt8(kind)).group, default: .init()].bytes += count.bytes
        }
        return WireReport.Link(
            from: setting.name(of: from), to: setting.name(of: to), sent: seconds.map(\.sent),
            delivered: seconds.map(\.delivered), bytes: seconds.map(\.bytes), messages: groups)
    }
}
