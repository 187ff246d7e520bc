import History
import Workload

/// How faults stand in a history: those of the contract under their own names, all others as `fault` and `fault-end`, which no
/// rule depends on.
extension NemesisRunner {
    func record(begin report: FaultReport) {
        switch report.deed {
        case .kill(let nodes), .powerLoss(let nodes), .outOfMemory(let nodes): note(.kill, .ids(nodes))
        case .damage(.wipe, let nodes):
            note(.kill, .ids(nodes))
            note(.wipe, .ids(nodes))
        case .damage(_, let nodes): note(.kill, .ids(nodes))
        case .pause(let nodes): note(.pause, .ids(nodes))
        case .partition(let groups, _, _): note(.partition, .groups(groups))
        case .replace(let node, _), .leave(let node):
            // From here on the node is no longer counted on: its place in the ring goes to others.
            if case .replace = report.deed { note(.kill, .ids([node])) }
            other("fault", report)
        default: other("fault", report)
        }
        switch report.deed {
        case .damage, .powerLoss, .outOfMemory: other("fault", report)
        default: break
        }
    }

    func record(end report: FaultReport) {
        guard report.failure == nil else { return other("fault-end", report) }
        switch report.deed {
        case .kill(let nodes), .damage(_, let nodes), .powerLoss(let nodes), .outOfMemory(let nodes):
            note(.restart, .ids(nodes))
        case .pause(let nodes): note(.resume, .ids(nodes))
        case .partition: if !active.contains(where: { !$0.report.groups.isEmpty }) { note(.heal, .absent) }
        default: other("fault-end", report)
        }
    }

    /// A planned fault that found nobody: nothing was done, and a reader must see that.
    func recordSkipped(_ action: FaultSpec.Action) {
        var draft = EventDraft(0, .nemesis, .info, .other)
        draft.name = "fault-skipped"
        draft.value = "\(action)"
        sink.record(draft)
    }

    private func note(_ function: Function, _ list: EventDraft.List) {
        var draft = EventDraft(0, .nemesis, .info, function)
        draft.list = list
        sink.record(draft)
    }

    private func other(_ name: String, _ report: FaultReport) {
        var draft = EventDraft(0, .nemesis, .info, .other)
        draft.name = name
        draft.value = report.summary + (report.failure.map { ": \($0)" } ?? "")
        sink.record(draft)
    }
}
