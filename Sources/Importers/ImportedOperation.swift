import History
import Notation

/// An event of another tool's history, in the terms that those tools share.
struct ImportedOperation {
    enum Actor: Hashable {
        case client(Int64)
        case named(String)
    }

    var process: Actor
    var type: EventType
    var function: String
    var key: String?
    /// Nil: the event says nothing of a value.
    var value: Datum?
    /// Nanoseconds; nil where the tool writes down no times.
    var time: Int64?
    var node: String?
    /// What else there is, by names that the form does not know.
    var extras: [(name: String, value: Datum)] = []
}

/// Puts the events of another tool's history into ours, in their order.
///
/// Whatever comes out passes ``History/validate(file:)``, or an error names the place.
struct HistoryBuilder {
    private(set) var history = History()
    private let file: String
    private var inFlight: [Int64: ImportedOperation] = [:]
    /// The number under which a process goes on that had an operation of unknown outcome.
    private var generations: [Int64: Int64] = [:]
    private var lastTime: Int64 = 0

    /// Process numbers up to here are those of the file.
    private static let generationStride: Int64 = 1 << 32

    init(file: String, name: String) {
        self.file = file
        history.header.name = name
    }

    mutating func append(_ operation: ImportedOperation, at place: SourcePlace) throws(HistoryError) {
        guard history.events.count < 1 << 30 else { throw error("the history is too large", place) }
        var operation = operation
        var process = Process.nemesis
        switch operation.process {
        case .named(let name): process = named(name)
        case .client(let number):
            guard (0..<HistoryBuilder.generationStride).contains(number) else {
                throw error(
                    "the process \(number) is no number from 0 to \(HistoryBuilder.generationStride - 1)", place)
            }
            process = .client(number + generations[number, default: 0] * HistoryBuilder.generationStride)
            try pair(&operation, number, place)
        }
        lastTime = max(lastTime, operation.time ?? Int64(history.events.count))
        history.append(draft(operation, process))
    }

    mutating func finish() -> History { history }

    private func error(_ reason: String, _ place: SourcePlace) -> HistoryError { place.error(reason, file: file) }

    /// Nemesis and controller keep to their own rules; what they do in other tools goes by another name.
    private mutating func named(_ name: String) -> Process {
        switch name {
        case "nemesis": .nemesis
        case "controller", "inspector": .other(name: history.strings.intern("imported-" + name))
        default: .other(name: history.strings.intern(name))
        }
    }

    private mutating func pair(
        _ operation: inout ImportedOperation, _ number: Int64, _ place: SourcePlace
    ) throws(HistoryError) {
        if operation.type == .invoke {
            if inFlight[number] != nil {
                throw error("process \(number) begins an operation while one is in flight", place)
            }
            inFlight[number] = operation
            return
        }
        guard let begun = inFlight.removeValue(forKey: number) else {
            throw error("process \(number) ends an operation that it did not begin", place)
        }
        guard begun.function == operation.function else {
            throw error("process \(number) ends \(operation.function), and began \(begun.function)", place)
        }
        // The key of an operation is that with which it began.
        if let key = begun.key { operation.key = key }
        if operation.type == .info { generations[number, default: 0] += 1 }
    }

    private func draft(_ operation: ImportedOperation, _ process: Process) -> EventDraft {
        var draft = EventDraft(lastTime, process, operation.type, .other)
        draft.name = HistoryBuilder.name(of: operation.function)
        draft.key = operation.key
        draft.node = operation.node
        for (name, value) in operation.extras {
            if !draft.extras.isEmpty { draft.extras += "," }
            draft.extras += Datum.quoted(HistoryBuilder.free(name)) + ":" + value.json
        }
        // Last, as a reader of our form keeps it.
        if let value = operation.value {
            if !draft.extras.isEmpty { draft.extras += "," }
            draft.extras += "\"value\":" + value.json
        }
        return draft
    }

    /// The names that mean a key-value store's operation there mean a register's here; names with a meaning of their own
    /// in our form are spelled so that they lose it.
    private static func name(of function: String) -> String {
        switch function {
        case "get": return "read"
        case "put": return "write"
        default:
            return functions.contains(function) ? "imported-" + function : function
        }
    }

    /// What our form calls its own; among them the empty name, which stands for all others.
    private static let functions = Set(Function.allCases.map(\.spelling))

    private static let taken: Set<String> = [
        "time", "process", "type", "f", "key", "value", "seen", "node", "r", "w", "count", "dot", "clock", "home",
        "range", "hash",
    ]

    private static func free(_ name: String) -> String { taken.contains(name) ? "imported-" + name : name }
}
