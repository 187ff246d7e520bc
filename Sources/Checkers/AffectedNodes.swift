import History

/// When each node was *affected*: killed or wiped, paused, or cut off by a partition (SEMANTICS section 1).
struct AffectedNodes {
    /// A stretch of the history during which a node was affected without pause.
    struct Stretch {
        /// Event index of the fault that began it.
        var start: Int32
        /// Event index of what ended it; `Int32.max` when nothing did.
        var end: Int32
    }

    /// What is wrong with a node at some instant.
    private struct Condition {
        var isDown = false
        var isPaused = false
        var isCutOff = false
        var isAffected: Bool { isDown || isPaused || isCutOff }
    }

    private var conditions: [UInt32: Condition] = [:]
    private var stretches: [UInt32: ContiguousArray<Stretch>] = [:]
    private var cutOff: [UInt32] = []

    init(history: History) {
        for index in history.events.indices {
            let event = history.events[index]
            guard event.process == .nemesis, event.type == .info else { continue }
            apply(event, at: Int32(index), history)
        }
    }

    /// The same by the events that concern every key alone, among which the faults are.
    init(_ subject: Subject) {
        for index in subject.common {
            let event = subject.event(index)
            guard event.process == .nemesis, event.type == .info else { continue }
            apply(event, at: index, subject.history)
        }
    }

    /// Whether no node ever was.
    var isEmpty: Bool { stretches.isEmpty }

    /// The first stretch in which `node` was affected at some instant from event `first` to event `last`.
    func stretch(of node: UInt32, from first: Int32, to last: Int32) -> Stretch? {
        guard let all = stretches[node] else { return nil }
        var low = 0, high = all.count
        while low < high {
            let middle = (low + high) / 2
            if all[middle].end > first { high = middle } else { low = middle + 1 }
        }
        return low < all.count && all[low].start < last ? all[low] : nil
    }

    private mutating func apply(_ event: Event, at index: Int32, _ history: History) {
        switch event.function {
        case .kill, .wipe:
            for node in history.ids(of: event) { change(node, at: index) { $0.isDown = true } }
        case .pause:
            for node in history.ids(of: event) { change(node, at: index) { $0.isPaused = true } }
        case .resume:
            for node in history.ids(of: event) { change(node, at: index) { $0.isPaused = false } }
        case .restart:
            for node in history.ids(of: event) {
                change(node, at: index) {
                    $0.isDown = false
                    $0.isPaused = false
                }
            }
        case .partition:
            cut(AffectedNodes.separated(history.ids(of: event)), at: index)
        case .heal:
            cut([], at: index)
        default:
            return
        }
    }

    private mutating func change(_ node: UInt32, at index: Int32, _ body: (inout Condition) -> Void) {
        guard node != Interner.none else { return }
        var condition = conditions[node] ?? Condition()
        let wasAffected = condition.isAffected
        body(&condition)
        conditions[node] = condition
        if condition.isAffected, !wasAffected {
            stretches[node, default: []].append(Stretch(start: index, end: Int32.max))
        } else if wasAffected, !condition.isAffected, var all = stretches.removeValue(forKey: node) {
            all[all.count - 1].end = index
            stretches[node] = all
        }
    }

    /// Puts exactly these nodes behind a cut; a node that was behind one before stays affected throughout.
    private mutating func cut(_ nodes: [UInt32], at index: Int32) {
        for node in nodes { change(node, at: index) { $0.isCutOff = true } }
        for node in cutOff where !nodes.contains(node) { change(node, at: index) { $0.isCutOff = false } }
        cutOff = nodes
    }

    /// The nodes of a partition's groups from which some other node is apart: in a group, and not in the same one.
    private static func separated(_ groups: ArraySlice<UInt32>) -> [UInt32] {
        var members: [(node: UInt32, group: Int)] = []
        var group = 0
        for node in groups {
            if node == Interner.none { group += 1 } else { members.append((node, group)) }
        }
        var result: [UInt32] = []
        for member in members where !result.contains(member.node) {
            if members.contains(where: { $0.node != member.node && $0.group != member.group }) {
                result.append(member.node)
            }
        }
        return result
    }
}
