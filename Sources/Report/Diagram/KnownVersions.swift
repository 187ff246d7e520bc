import History

/// What a history shows of the versions of one key: who wrote each, what it had seen, its dots and its clocks.
struct KnownVersions {
    struct Write {
        var invocation: Int
        var completion: Int?
        var isDelete: Bool
        var seen: [UInt32]
    }

    private(set) var writes: [UInt32: Write] = [:]
    private var dots: [UInt32: [String]] = [:]
    private var clocks: [UInt32: [String]] = [:]
    private let history: History

    /// - Parameter partner: ``History/pairing()``.
    init(_ history: History, key: UInt32?, partner: ContiguousArray<Int32>) {
        self.history = history
        guard let key else { return }
        for index in history.events.indices where history.events[index].key == key {
            let event = history.events[index]
            if event.type == .invoke, event.function == .put || event.function == .delete {
                writes[event.value] = Write(
                    invocation: index, completion: partner[index] < 0 ? nil : Int(partner[index]),
                    isDelete: event.function == .delete, seen: Array(history.ids(of: event)))
            }
            show(event, at: index, partner)
        }
    }

    private mutating func show(_ event: Event, at index: Int, _ partner: ContiguousArray<Int32>) {
        guard event.type == .ok, event.hasList, event.function != .other else { return }
        let isWrite = event.function == .put || event.function == .delete
        guard isWrite || event.function == .get || event.function == .replica else { return }
        let written = isWrite && partner[index] >= 0 ? history.events[Int(partner[index])].value : Interner.none
        for version in history.versions(of: event) {
            let id = isWrite ? written : version.id
            guard id != Interner.none else { continue }
            if version.hasDot { Self.add("\(history.string(version.actor)):\(version.counter)", to: &dots[id]) }
            if version.hasClock { Self.add(Self.clock(version, history), to: &clocks[id]) }
        }
    }

    private static func add(_ text: String, to known: inout [String]?) {
        if known?.contains(text) != true { known = (known ?? []) + [text] }
    }

    /// `{n1:3 n2:1}`, by actor.
    static func clock(_ version: Version, _ history: History) -> String {
        let entries = history.clock(of: version).map { "\(history.string($0.actor)):\($0.counter)" }
        return "{" + entries.sorted().joined(separator: " ") + "}"
    }

    func note(_ id: UInt32) -> SpaceTimeDiagram.VersionNote {
        let write = writes[id]
        let origin = write.map {
            "\($0.isDelete ? "delete" : "put") by p\(history.events[$0.invocation].process.rawValue), event \($0.invocation)"
        }
        return SpaceTimeDiagram.VersionNote(
            id: history.string(id), origin: origin, dots: dots[id] ?? [], clocks: clocks[id] ?? [],
            seen: (write?.seen ?? []).map(history.string))
    }
}
