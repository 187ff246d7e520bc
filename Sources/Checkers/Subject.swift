import History

/// A history with everything that more than one checker derives from it.
final class Subject {
    let history: History
    /// The other half of each operation: its completion for an invocation, and the reverse; -1 when there is none.
    let partner: ContiguousArray<Int32>
    /// The events that concern every key (faults, phases, roots, hints), in order.
    let common: ContiguousArray<Int32>
    let writes: WriteTable
    let order: CausalOrder
    let horizon: DeleteHorizon
    let keyEvents: KeyEvents
    let indeterminateDeletes: IndeterminateDeletes
    /// Index of the first event `phase final`; ``History/events``'s count when there is none, so that nothing is final.
    let finalStart: Int32
    /// Index of the first event `phase heal`; -1 when there is none.
    let healStart: Int32
    /// Whether replicas were looked at under load, before `phase final`.
    let hasEarlyReplicas: Bool
    /// Whether findings are wanted that are of no key; not in a part of a history, where each part would find them.
    let reportsCommon: Bool
    /// Of a group of keys: for each event its index in the whole history; nil: these are all events.
    private let indexes: ContiguousArray<Int32>?

    convenience init(history: History) { self.init(history, HistoryIndex(history), isPart: false) }

    /// What a group of keys gives, whose events are some of those of a longer history.
    convenience init(group: HistoryGroup) {
        self.init(group.history, HistoryIndex(group.history), isPart: false, indexes: group.indexes)
    }

    /// What a part of a history gives; its findings of no key are left to whoever looks at those events by themselves.
    convenience init(part: HistoryPart) { self.init(part.history, part.index, isPart: true) }

    private init(
        _ history: History, _ index: HistoryIndex, isPart: Bool, indexes: ContiguousArray<Int32>? = nil
    ) {
        self.history = history
        self.indexes = indexes
        partner = index.partner
        common = index.common
        writes = WriteTable(history: history, index: index)
        order = CausalOrder(writes: writes)
        horizon = DeleteHorizon(writes: writes, order: order)
        keyEvents = KeyEvents(index)
        indeterminateDeletes = IndeterminateDeletes(writes)
        reportsCommon = !isPart
        finalStart = Subject.firstPhase("final", history, index.common) ?? Int32(history.events.count)
        healStart = Subject.firstPhase("heal", history, index.common) ?? -1
        hasEarlyReplicas = (index.firstReplica ?? Int32.max) < finalStart
    }

    private static func firstPhase(_ name: String, _ history: History, _ common: ContiguousArray<Int32>) -> Int32? {
        guard let identifier = history.strings.identifier(of: name) else { return nil }
        return common.first {
            let event = history.events[Int($0)]
            return event.function == .phase && event.process == .controller && event.value == identifier
        }
    }

    @inline(__always)
    func event(_ index: Int32) -> Event { history.events[Int(index)] }

    /// The index in the whole history of the event at `index`: what an anomaly cites.
    func place(_ index: Int32) -> Int { indexes.map { Int($0[Int(index)]) } ?? Int(index) }

    /// The same of several events, ascending, each once; -1 stands for none.
    func places(_ events: [Int32]) -> [Int] { Set(events.filter { $0 >= 0 }).sorted().map(place) }

    /// Whether string `a` comes before string `b`, byte by byte in UTF-8: the same order on every machine.
    func isBefore(_ a: UInt32, _ b: UInt32) -> Bool {
        history.string(a).utf8.lexicographicallyPrecedes(history.string(b).utf8)
    }

    /// The write that the event at `index` completes; ``WriteTable/none`` when it completes none.
    @inline(__always)
    func completedWrite(_ event: Event, at index: Int32) -> Int32 {
        let invocation = partner[Int(index)]
        guard invocation >= 0 else { return WriteTable.none }
        return writes.number(ofID: self.event(invocation).value, key: event.key)
    }

    /// Whether the event is the completion `ok` of a get by a client.
    func isOkGet(_ event: Event) -> Bool {
        event.function == .get && event.type == .ok && event.process.isClient
    }

    /// Whether the event is a `replica` event after `phase final` from a home of its key.
    func isFinalHome(_ event: Event, at index: Int32) -> Bool {
        event.function == .replica && event.process == .inspector && index > finalStart && event.home == 2
    }
}
