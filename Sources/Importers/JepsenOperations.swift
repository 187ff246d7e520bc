import History
import Notation

/// Turns the maps of a Jepsen history, whatever the notation, into events.
///
/// Jepsen tests of many keys carry them in the value, as `[key value]`; that is told by the first read, which begins
/// with `[key nil]`. Store files say it.
struct JepsenOperations {
    private var builder: HistoryBuilder
    private let file: String
    /// Events before the first read: only then is it known how values are to be read.
    private var waiting: [(operation: Datum, place: SourcePlace)] = []
    private var hasKeys: Bool?

    private static let mostWaiting = 100_000

    init(file: String, name: String = "jepsen") {
        self.file = file
        builder = HistoryBuilder(file: file, name: name)
    }

    mutating func append(_ datum: Datum, at place: SourcePlace) throws(HistoryError) {
        var datum = datum
        if case .tagged(_, let value) = datum { datum = value }
        guard case .map = datum else { throw error("an operation must be a map", place) }
        guard let hasKeys else {
            waiting.append((datum, place))
            decide(datum)
            if self.hasKeys != nil { try flush() }
            return
        }
        try put(datum, place, hasKeys)
    }

    mutating func finish() throws(HistoryError) -> History {
        hasKeys = hasKeys ?? false
        try flush()
        return builder.finish()
    }

    private mutating func decide(_ operation: Datum) {
        if waiting.count >= JepsenOperations.mostWaiting { hasKeys = false }
        guard operation["type"]?.name == "invoke", operation["process"]?.integer != nil,
            operation["f"]?.name == "read"
        else { return }
        guard case .list(let pair)? = operation["value"] else {
            hasKeys = false
            return
        }
        hasKeys = pair.count == 2 && pair[1] == .null && pair[0] != .null
    }

    private mutating func flush() throws(HistoryError) {
        let hasKeys = hasKeys ?? false
        let held = waiting
        waiting = []
        for (operation, place) in held { try put(operation, place, hasKeys) }
    }

    /// The entries of an operation that mean something everywhere; of several with one name the first.
    private struct Known {
        var type: Datum?
        var function: Datum?
        var process: Datum?
        var time: Datum?
        var node: Datum?
        var value: Datum?
        var key: Datum?

        /// False for a name that has no meaning.
        mutating func take(_ name: String, _ datum: Datum) -> Bool {
            switch name {
            case "type": type = type ?? datum
            case "f": function = function ?? datum
            case "process": process = process ?? datum
            case "time": time = time ?? datum
            case "node": node = node ?? datum
            case "value": value = value ?? datum
            case "key": key = key ?? datum
            case "index": break
            default: return false
            }
            return true
        }
    }

    private mutating func put(_ operation: Datum, _ place: SourcePlace, _ hasKeys: Bool) throws(HistoryError) {
        var known = Known()
        let extras = try split(operation, into: &known, place)
        guard let spelling = known.type?.name, let type = EventType(jepsen: spelling) else {
            throw error("an operation needs :type, one of :invoke, :ok, :fail and :info", place)
        }
        guard let function = known.function?.name else { throw error("an operation needs :f, a name", place) }
        let process: ImportedOperation.Actor
        switch known.process {
        case .integer(let number)?: process = .client(number)
        case let other?:
            guard let name = other.name else { throw error("an operation needs :process, a number or a name", place) }
            process = .named(name)
        case nil: throw error("an operation needs :process, a number or a name", place)
        }
        var imported = ImportedOperation(process: process, type: type, function: function)
        imported.time = known.time?.integer
        imported.node = known.node?.name
        imported.extras = extras
        takeValue(known, hasKeys, &imported)
        try builder.append(imported, at: place)
    }

    /// - Returns: the entries that have no meaning.
    private func split(
        _ operation: Datum, into known: inout Known, _ place: SourcePlace
    ) throws(HistoryError) -> [(name: String, value: Datum)] {
        guard case .map(let entries) = operation else { return [] }
        var extras: [(name: String, value: Datum)] = []
        var names: Set<String> = []
        for entry in entries {
            guard let name = entry.key.name else { throw error("the names of an operation must be names", place) }
            if known.take(name, entry.value) { continue }
            guard names.insert(name).inserted else { throw error("\(name) is there twice", place) }
            extras.append((name, entry.value))
        }
        return extras
    }

    private func takeValue(_ known: Known, _ hasKeys: Bool, _ imported: inout ImportedOperation) {
        imported.key = known.key.flatMap { $0 == .null ? nil : Self.key($0) }
        var value = known.value
        if case .client = imported.process, let pair = Self.pair(value, hasKeys), pair.count == 2 {
            imported.key = Self.key(pair[0])
            value = pair[1]
        }
        // What a read of nil saw is not known: Knossos takes it so, too.
        imported.value = value == .null ? nil : value
    }

    /// The two parts of a value that carries its key. Store files tell such a pair from a list of two.
    private static func pair(_ value: Datum?, _ hasKeys: Bool) -> [Datum]? {
        switch value {
        case .list(let pair)? where hasKeys: pair
        case .tagged("map-entry", .list(let pair))?: pair
        default: nil
        }
    }

    private static func key(_ datum: Datum) -> String { datum.name ?? datum.json }

    private func error(_ reason: String, _ place: SourcePlace) -> HistoryError { place.error(reason, file: file) }
}

extension EventType {
    /// The type that a Jepsen history spells so.
    init?(jepsen spelling: String) {
        guard let type = EventType.allCases.first(where: { $0.spelling == spelling }) else { return nil }
        self = type
    }
}
