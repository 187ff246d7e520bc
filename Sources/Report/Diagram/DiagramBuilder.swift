import Checkers
import History

/// Lays out the proofs of one history's anomalies as space-time diagrams.
public struct DiagramBuilder {
    let history: History
    let partner: ContiguousArray<Int32>
    let faults: FaultTimeline

    /// At most so many events of a proof are drawn; of a longer chain the middle is left out, and the diagram says so.
    static let maximumEvents = 40
    public init(_ history: History) {
        self.history = history
        partner = history.pairing()
        faults = FaultTimeline(history)
    }

    /// The diagram of an anomaly that a checker found in this history.
    public func diagram(of anomaly: Anomaly) -> SpaceTimeDiagram {
        var draft = Draft(anomaly, self)
        draft.chooseEvents()
        draft.chooseLanes()
        draft.chooseFaults()
        draft.placeRows()
        draft.placeSpans()
        draft.placeArrows()
        draft.noteVersions()
        return draft.diagram
    }

    /// A diagram while it is made.
    struct Draft {
        let anomaly: Anomaly
        let builder: DiagramBuilder
        var diagram: SpaceTimeDiagram
        /// The proof's events, the other halves of its operations, and the begins and ends of faults.
        var events: Set<Int> = []
        var proof: Set<Int> = []
        var chosenFaults: [FaultTimeline.Interval] = []
        var laneOf: [SpaceTimeDiagram.Lane: Int] = [:]
        var rowOf: [Int: Int] = [:]
        let versions: KnownVersions

        var history: History { builder.history }

        init(_ anomaly: Anomaly, _ builder: DiagramBuilder) {
            self.anomaly = anomaly
            self.builder = builder
            let history = builder.history
            let key = anomaly.ops.lazy.filter { history.events.indices.contains($0) }.map { history.events[$0].key }
                .first { $0 != Interner.none }
            versions = KnownVersions(history, key: key, partner: builder.partner)
            diagram = SpaceTimeDiagram(
                title: anomaly.title, sentence: anomaly.message, lanes: [], rows: [], spans: [], arrows: [],
                versions: [], notes: [])
        }
    }
}

extension Anomaly {
    /// `lost-write of cart-7`.
    public var title: String {
        type.name + (key.map { " of \($0)" } ?? "") + (node.map { " on \($0)" } ?? "")
    }
}

extension DiagramBuilder.Draft {
    /// The proof's events and the other half of each operation among them.
    mutating func chooseEvents() {
        var ops = anomaly.ops.filter { history.events.indices.contains($0) }.sorted()
        let limit = DiagramBuilder.maximumEvents
        if ops.count > limit {
            diagram.notes.append("\(ops.count - limit) events in the middle of the proof are left out")
            ops.removeSubrange((limit / 2)..<(ops.count - limit / 2))
        }
        proof = Set(ops)
        events = proof
        for index in ops {
            let other = builder.partner[index]
            if other >= 0 { events.insert(Int(other)) }
        }
    }

    /// Processes first, then what controls the run, then nodes: each in the order of their names.
    mutating func chooseLanes() {
        var processes: Set<Int64> = []
        var nodes: Set<String> = []
        var others: Set<SpaceTimeDiagram.Lane> = []
        for index in events {
            let event = history.events[index]
            if event.process.isClient { processes.insert(event.process.rawValue) }
            if event.process == .controller { others.insert(.init(kind: .controller, name: "controller")) }
            if event.node != Interner.none { nodes.insert(history.string(event.node)) }
            if event.process == .nemesis, event.function != .partition {
                nodes.formUnion(history.ids(of: event).filter { $0 != Interner.none }.map(history.string))
            }
        }
        if let node = anomaly.node { nodes.insert(node) }
        diagram.lanes = processes.sorted().map { .init(kind: .process, name: "p\($0)") }
        diagram.lanes += others.sorted { $0.name < $1.name }
        diagram.lanes += nodes.sorted { ($0.count, $0) < ($1.count, $1) }.map { .init(kind: .node, name: $0) }
        for (position, lane) in diagram.lanes.enumerated() { laneOf[lane] = position }
    }

    /// At most so many faults that were in force at some event of the proof are drawn.
    private static var maximumFaults: Int { 8 }
    /// Where fewer than so many were, others make up for them.
    private static var maximumOtherFaults: Int { 2 }

    /// Faults on the nodes drawn: those in force at a drawn event first, then others between the first and the last.
    mutating func chooseFaults() {
        guard let first = events.min(), let last = events.max() else { return }
        let drawn = Set(diagram.lanes.filter { $0.kind == .node }.map(\.name))
        var inForce: [FaultTimeline.Interval] = [], between: [FaultTimeline.Interval] = []
        var elsewhere: [String] = []
        for fault in builder.faults.intervals where fault.overlaps(first, last) {
            let atEvent = operationRanges.contains { fault.overlaps($0.lowerBound, $0.upperBound) }
            if drawn.isDisjoint(with: fault.nodes) {
                if atEvent { elsewhere.append("\(fault.word) \(fault.nodes.joined(separator: ","))") }
            } else if atEvent {
                inForce.append(fault)
            } else {
                between.append(fault)
            }
        }
        // What was not in force at any event of the proof may still tell how it came about, but much of it only hides the proof.
        let others =
            inForce.count < Self.maximumOtherFaults ? between.prefix(Self.maximumOtherFaults - inForce.count) : []
        chosenFaults = Array(inForce.prefix(Self.maximumFaults) + others).sorted { $0.begin < $1.begin }
        let rest = inForce.count + between.count - chosenFaults.count
        if rest > 0 {
            diagram.notes.append(
                "\(rest) other fault\(rest == 1 ? "" : "s") on these nodes meanwhile \(rest == 1 ? "is" : "are") not drawn"
            )
        }
        if !elsewhere.isEmpty {
            let shown = elsewhere.prefix(4).joined(separator: "; ") + (elsewhere.count > 4 ? "; …" : "")
            diagram.notes.append("also in force during these events: \(shown)")
        }
        for fault in chosenFaults {
            events.insert(fault.begin)
            if let end = fault.end { events.insert(end) }
        }
    }

    /// From invocation to completion of each drawn operation; other events by themselves.
    private var operationRanges: [ClosedRange<Int>] {
        events.map { index in
            let other = builder.partner[index]
            if other >= 0 { return min(index, Int(other))...max(index, Int(other)) }
            return index...index
        }
    }

    mutating func placeRows() {
        for (row, index) in events.sorted().enumerated() {
            rowOf[index] = row
            diagram.rows.append(makeRow(index))
        }
    }

    private func makeRow(_ index: Int) -> SpaceTimeDiagram.Row {
        let event = history.events[index]
        var row = SpaceTimeDiagram.Row(
            event: index, time: event.time, mark: .point,
            title: DiagramWords(history).title(of: index, builder.partner),
            isProof: proof.contains(index))
        if event.process.isClient {
            row.lane = laneOf[.init(kind: .process, name: "p\(event.process.rawValue)")]
            row.mark = event.type == .invoke ? .invoke : .completion(outcome(event.type))
            let invocation = event.type == .invoke ? index : Int(builder.partner[index])
            if event.node != Interner.none {
                row.contact = lane(ofNode: event.node)
            } else if invocation >= 0 {
                row.contact = lane(ofNode: history.events[invocation].node)
            }
        } else if event.process == .controller {
            row.lane = laneOf[.init(kind: .controller, name: "controller")]
        } else if event.process == .nemesis {
            row.mark = .fault
            let fault = chosenFaults.first { $0.begin == index || $0.end == index }
            row.lane = fault?.nodes.lazy.compactMap { laneOf[.init(kind: .node, name: $0)] }.first
        } else {
            row.lane = lane(ofNode: event.node)
        }
        return row
    }

    private func lane(ofNode node: UInt32) -> Int? {
        node == Interner.none ? nil : laneOf[.init(kind: .node, name: history.string(node))]
    }

    private func outcome(_ type: EventType) -> SpaceTimeDiagram.Outcome {
        switch type {
        case .ok: .ok
        case .fail: .fail
        case .info, .invoke: .info
        }
    }

    mutating func placeSpans() {
        for (position, row) in diagram.rows.enumerated() where row.mark == .invoke {
            guard let lane = row.lane else { continue }
            let end = builder.partner[row.event]
            diagram.spans.append(
                .init(
                    lane: lane, kind: .operation, name: "\(history.events[row.event].function)", from: position,
                    to: end < 0 ? nil : rowOf[Int(end)]))
        }
        for fault in chosenFaults {
            guard let begin = rowOf[fault.begin] else { continue }
            for node in fault.nodes {
                guard let lane = laneOf[.init(kind: .node, name: node)] else { continue }
                diagram.spans.append(
                    .init(
                        lane: lane, kind: .fault, name: fault.word, from: begin, to: fault.end.flatMap { rowOf[$0] }))
            }
        }
    }
}
