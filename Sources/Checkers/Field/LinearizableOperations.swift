import History
import Linearizability
import Notation

/// Why a history cannot be held against a model.
struct ModelFault: Error {
    /// The index, in the whole history, of the event that shows it; before all events: it needs none.
    var place = -1
    /// Without a full stop.
    var reason: String
}

/// The operations of a history in the terms of a model.
struct LinearizableOperations {
    private let subject: Subject
    private let model: LinearizableModel
    private(set) var operations = Operations()
    /// By number: the operation's events.
    private(set) var events = ContiguousArray<ClientOperation>()
    /// By group: the object, in words; nil for the only one.
    private(set) var names: [String?] = []
    /// By group: the first event of the object.
    private(set) var origins: [Int32] = []
    /// Whether something was answered that could have been wrong.
    private(set) var hasAnswers = false

    private var groups: [Object: Int] = [:]
    private var keyOfGroup: [Int] = []
    /// Values are numbered for each key by itself, so that what is found of an object does not depend on others.
    private var keys: [UInt32: Int] = [:]
    private var values: [ValueCodes] = []
    private let initialValues: ValueCodes
    /// Where values are texts that are appended to, those of each key.
    private var texts: [TextModel] = []
    /// The number, in these, of the key of the operation that is looked at.
    private var current = 0
    /// The operations that were met, by what they are called.
    private var met: [(name: UInt32, operation: Name?)] = []
    private var sets = SetModel()
    private var transactions = MultiRegisterModel()
    private var registers: [String: Int] = [:]
    /// kv: values are texts that are appended to. set: elements can be judged one by one.
    private let isComposed: Bool
    /// The number of the operation that an invocation began; by event.
    private var numbers: ContiguousArray<Int32>

    /// What is judged by itself.
    private struct Object: Hashable {
        var key: UInt32
        /// Of a set whose elements are judged one by one; else 0.
        var element: Int64
    }

    /// What the operations of the models are called.
    private enum Name: String {
        case read, write, cas, append, add, remove, contains, acquire, release, txn
    }

    /// The value of a read that returned several versions: nobody wrote them together.
    private static let several: Int64 = -2

    /// - Parameter functions: what clients did in the whole history.
    init(
        _ subject: Subject, model: LinearizableModel, initialValue: String, functions: ClientFunctions
    ) throws(ModelFault) {
        self.subject = subject
        self.model = model
        guard let initial = JSONReader.value(of: initialValue) else {
            throw ModelFault(reason: "the initial value \(initialValue) is no JSON")
        }
        initialValues = ValueCodes(initial: initial)
        numbers = ContiguousArray(repeating: -1, count: subject.history.events.count)
        let telling = model == .kv ? "append" : model == .set ? "read" : nil
        isComposed = telling.map { functions.foreign.contains($0) } ?? false
        for index in subject.history.events.indices {
            let event = subject.history.events[index]
            guard event.process.isClient else { continue }
            if event.type == .invoke {
                try begin(Int32(index), event)
            } else if event.type == .ok, case let begun = subject.partner[index], begun >= 0, numbers[Int(begun)] >= 0 {
                operations.end(numbers[Int(begun)])
            }
        }
        operations.seal()
    }

    var specification: LinearizabilityCheck.Specification {
        switch model {
        case .register, .casRegister: .register
        case .kv: isComposed ? .texts(keyOfGroup.map { texts[$0] }) : .register
        case .counter: .counter
        case .mutex: .mutex
        case .set: .set(sets)
        case .multiRegister: .transactions(transactions)
        }
    }

    private mutating func begin(_ index: Int32, _ event: Event) throws(ModelFault) {
        let outcome = subject.outcome(ofInvocation: Int(index))
        guard outcome != .failed else { return }
        let operation = ClientOperation(invocation: index, completion: subject.partner[Int(index)], outcome: outcome)
        takeKey(event.key)
        guard let (kind, first, second) = try code(operation) else { return }
        let group = group(of: Object(key: event.key, element: model == .set && !isComposed ? first : 0), index)
        numbers[Int(index)] = operations.begin(group: group, kind, first, second)
        events.append(operation)
        if outcome == .acked, kind.isObserver || kind == .cas || kind == .acquire || kind == .release {
            hasAnswers = true
        }
        if outcome == .acked, kind == .transaction { hasAnswers = true }
    }

    /// The values that come now are those of this key.
    private mutating func takeKey(_ key: UInt32) {
        if let known = keys[key] {
            current = known
            return
        }
        current = values.count
        keys[key] = current
        values.append(initialValues)
        if model == .kv, isComposed { texts.append(TextModel()) }
    }

    private mutating func group(of object: Object, _ origin: Int32) -> Int {
        if let known = groups[object] { return known }
        groups[object] = names.count
        origins.append(origin)
        keyOfGroup.append(current)
        names.append(object.key == Interner.none ? nil : subject.history.string(object.key))
        return names.count - 1
    }

    /// Nil for one that no model has.
    private mutating func operation(named name: UInt32) -> Name? {
        // There are few: a dictionary would take longer.
        if let known = met.first(where: { $0.name == name }) { return known.operation }
        met.append((name, Name(rawValue: subject.history.string(name))))
        return met.last?.operation
    }

    /// Nil for an operation that says nothing.
    private mutating func code(
        _ operation: ClientOperation
    ) throws(ModelFault) -> (OperationKind, Int64, Int64)? {
        let event = subject.event(operation.invocation)
        guard event.function == .other else { return try ownCode(operation, event) }
        guard let name = self.operation(named: event.name) else { throw foreign(operation, event) }
        let begun = operation.invocation
        switch (model, name) {
        case (.register, .read), (.casRegister, .read), (.kv, .read): return try read(operation)
        case (.counter, .read):
            guard let seen = seen(operation) else { return nil }
            guard let sum = seen.integer else { throw fault(operation, "a counter's value is an integer") }
            return (.read, sum, 0)
        case (.set, .read):
            guard let seen = seen(operation) else { return nil }
            guard let elements = seen.elements else { throw fault(operation, "a set's value is an array") }
            return (.read, sets.number(of: Set(elements.map { values[current].code(of: $0) })), 0)
        case (.register, .write), (.casRegister, .write), (.kv, .write):
            return (.write, try written(operation), 0)
        case (.casRegister, .cas), (.kv, .cas): return try compareAndSet(operation)
        case (.kv, .append): return (.append, try written(operation), 0)
        case (.set, .add), (.set, .remove):
            guard let element = code(ofValueAt: begun) else { throw fault(operation, "the element is missing") }
            return (name == .add ? .add : .remove, element, 0)
        case (.set, .contains): return try contains(operation)
        case (.counter, .add):
            guard let amount = subject.value(begun)?.integer else {
                throw fault(operation, "the amount must be an integer")
            }
            return (.add, amount, 0)
        case (.mutex, .acquire): return (.acquire, 0, 0)
        case (.mutex, .release): return (.release, 0, 0)
        case (.multiRegister, .txn): return try transaction(operation, subject.value(begun))
        default: throw foreign(operation, event)
        }
    }

    private func foreign(_ operation: ClientOperation, _ event: Event) -> ModelFault {
        let name = subject.history.string(event.name)
        return fault(operation, "a \(model.rawValue) has no operation \(name)")
    }

    private func fault(_ operation: ClientOperation, _ reason: String) -> ModelFault {
        let place = subject.place(operation.invocation)
        return ModelFault(place: place, reason: "event \(place): \(reason)")
    }

    /// The value of the completion; nil when the operation was not seen to end, or its completion tells none.
    private func seen(_ operation: ClientOperation) -> Datum? {
        operation.outcome == .acked ? subject.value(operation.completion) : nil
    }

    private mutating func read(_ operation: ClientOperation) throws(ModelFault) -> (OperationKind, Int64, Int64)? {
        guard operation.outcome == .acked else { return nil }
        if !isComposed { return code(ofValueAt: operation.completion).map { (.read, $0, 0) } }
        guard let seen = seen(operation) else { return nil }
        return (.read, try text(seen, operation, isRead: true), 0)
    }

    private mutating func written(_ operation: ClientOperation) throws(ModelFault) -> Int64 {
        if !isComposed { return code(ofValueAt: operation.invocation) ?? values[current].code(of: .null) }
        guard let given = subject.value(operation.invocation) else { throw fault(operation, "the text is missing") }
        return try text(given, operation)
    }

    /// Nil when the event has no value.
    private mutating func code(ofValueAt index: Int32) -> Int64? {
        let value = subject.event(index).value
        if value != Interner.none { return values[current].code(ofString: value, subject.history) }
        return subject.valueText(index).flatMap { values[current].code(ofText: $0) }
    }

    private mutating func text(
        _ datum: Datum, _ operation: ClientOperation, isRead: Bool = false
    ) throws(ModelFault) -> Int64 {
        switch datum {
        case .null: return texts[current].number(of: [], isRead: isRead)
        case .string(let text): return texts[current].number(of: Array(text.utf8), isRead: isRead)
        default: throw fault(operation, "where values are appended to they are strings, not \(datum.json)")
        }
    }

    private mutating func compareAndSet(
        _ operation: ClientOperation
    ) throws(ModelFault) -> (OperationKind, Int64, Int64)? {
        guard !isComposed, let text = subject.valueText(operation.invocation),
            let pair = values[current].codes(ofPair: text)
        else { throw fault(operation, "the value of cas is an array of the old and the new value") }
        let isRefused = operation.outcome == .acked && subject.extra("applied", operation.completion) == .boolean(false)
        if isRefused { return (.refusedCas, pair.0, 0) }
        return (.cas, pair.0, pair.1)
    }

    private mutating func contains(
        _ operation: ClientOperation
    ) throws(ModelFault) -> (OperationKind, Int64, Int64)? {
        guard operation.outcome == .acked else { return nil }
        guard let pair = seen(operation)?.elements, pair.count == 2, case .boolean(let isThere) = pair[1] else {
            throw fault(operation, "the value of contains is an array of the element and true or false")
        }
        return (.contains, values[current].code(of: pair[0]), isThere ? 1 : 0)
    }

    private mutating func transaction(
        _ operation: ClientOperation, _ given: Datum?
    ) throws(ModelFault) -> (OperationKind, Int64, Int64)? {
        guard let parts = (seen(operation) ?? given)?.elements else {
            throw fault(operation, "the value of txn is an array of reads and writes")
        }
        var accesses: [MultiRegisterModel.Access] = []
        for part in parts {
            guard let access = part.elements, access.count == 3, let name = access[0].name else {
                throw fault(operation, "each part of a txn is an array: \"read\" or \"write\", register, value")
            }
            let register = access[1].name ?? access[1].json
            let number = registers[register] ?? registers.count
            registers[register] = number
            switch name {
            case "write", "w":
                accesses.append(.init(isWrite: true, register: number, value: values[current].code(of: access[2])))
            case "read", "r":
                // What was not seen says nothing.
                if operation.outcome == .acked, access[2] != .null {
                    accesses.append(.init(isWrite: false, register: number, value: values[current].code(of: access[2])))
                }
            default: throw fault(operation, "a txn has no part \(name)")
            }
        }
        let isObserver = accesses.allSatisfy { !$0.isWrite }
        return (isObserver ? .readTransaction : .transaction, transactions.number(of: accesses), 0)
    }

    /// Our own operations: a register whose values are the ids of its versions.
    private mutating func ownCode(
        _ operation: ClientOperation, _ event: Event
    ) throws(ModelFault) -> (OperationKind, Int64, Int64)? {
        guard model == .register || model == .casRegister || model == .kv, !isComposed else {
            throw fault(operation, "a \(model.rawValue) has no operation \(event.function.spelling)")
        }
        switch event.function {
        case .put: return (.write, values[current].code(ofString: event.value, subject.history), 0)
        case .delete: return (.write, values[current].code(of: .null), 0)
        case .get:
            guard operation.outcome == .acked else { return nil }
            let versions = subject.history.versions(of: subject.event(operation.completion)).filter { !$0.tombstone }
            if versions.count > 1 { return (.read, LinearizableOperations.several, 0) }
            guard let version = versions.first else { return (.read, values[current].code(of: .null), 0) }
            return (.read, values[current].code(ofString: version.id, subject.history), 0)
        default: return nil
        }
    }
}
