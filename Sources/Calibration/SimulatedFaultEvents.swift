import Dynamo
import History
import Nemesis

/// What the history is told of a fault at the end, as a real run tells it.
struct SimulatedWitness: Encodable {
    var fault: String
    var nodes: [String]?
    var groups: [[String]]?
    var links: [[String]]?
    var begin: Int64
    var end: Int64
    var effectNanoseconds = 0
    var drawn: String
    var proven = true
    var sentence = "done by the simulator, which reports no other effect"

    enum CodingKeys: String, CodingKey {
        case fault, nodes, groups, links, begin, end, drawn, proven, sentence
        case effectNanoseconds = "effect_ns"
    }
}

/// How faults stand in a simulated history: in the words of a real one.
extension SimulatedNemesis {
    /// Writes what was done into the history.
    func recordWitnesses(_ record: inout SimulatedRecord, at now: Instant) {
        for witness in witnesses.sorted(by: { $0.begin < $1.begin }) { record.note("witness", witness, at: now) }
    }

    func tell(begin deed: Deed, _ record: inout SimulatedRecord, at now: Instant) {
        func note(_ function: Function, _ list: EventDraft.List) {
            var draft = EventDraft(now, .nemesis, .info, function)
            draft.list = list
            record.add(draft, at: now)
        }
        switch deed {
        case .kill(let nodes), .powerLoss(let nodes), .outOfMemory(let nodes): note(.kill, .ids(nodes))
        case .damage(let damage, let nodes):
            note(.kill, .ids(nodes))
            if damage == .wipe { note(.wipe, .ids(nodes)) }
        case .pause(let nodes): note(.pause, .ids(nodes))
        case .partition(let groups, _, _): note(.partition, .groups(groups))
        case .replace(let node, _): note(.kill, .ids([node]))
        default: other("fault", deed, &record, at: now)
        }
    }

    func tell(end deed: Deed, _ record: inout SimulatedRecord, at now: Instant) {
        func note(_ function: Function, _ list: EventDraft.List) {
            var draft = EventDraft(now, .nemesis, .info, function)
            draft.list = list
            record.add(draft, at: now)
        }
        switch deed {
        case .kill(let nodes), .damage(_, let nodes), .powerLoss(let nodes), .outOfMemory(let nodes):
            note(.restart, .ids(nodes))
        case .pause(let nodes): note(.resume, .ids(nodes))
        case .partition: if !active.contains(where: \.deed.hasSides) { note(.heal, .absent) }
        default: other("fault-end", deed, &record, at: now)
        }
    }

    func other(_ name: String, _ deed: Deed, _ record: inout SimulatedRecord, at now: Instant) {
        var draft = EventDraft(now, .nemesis, .info, .other)
        draft.name = name
        draft.value = deed.nodes.isEmpty ? deed.name : "\(deed.name) \(deed.nodes.joined(separator: ","))"
        record.add(draft, at: now)
    }

    mutating func witness(_ fault: Active, at now: Instant) {
        var witness = SimulatedWitness(fault: fault.deed.name, begin: fault.begin, end: now, drawn: fault.how)
        if !fault.deed.nodes.isEmpty { witness.nodes = fault.deed.nodes }
        if case .partition(let groups, _, _) = fault.deed { witness.groups = groups }
        if !fault.deed.links.isEmpty { witness.links = fault.deed.links.map { [$0.from, $0.to] } }
        witnesses.append(witness)
    }
}
