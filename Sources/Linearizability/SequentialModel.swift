/// What an object does when operations come one after the other: the specification that a concurrent history is held
/// against.
protocol SequentialModel: Sendable {
    /// The state before the first operation.
    var initial: Int64 { get }

    /// Called once, when all operations are known and before the first step.
    mutating func prepare()

    /// The state after an operation with these answers, ``illegalState`` when the object cannot have answered so.
    ///
    /// An operation whose kind is an observer leaves the state as it is.
    mutating func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64

    /// Every state that can make a difference to these operations, or nil when they are too many to be listed.
    func states(for operations: ContiguousArray<EpisodeOperation>) -> [Int64]?
}

/// No state.
let illegalState = Int64.min

extension SequentialModel {
    mutating func prepare() {}

    func states(for operations: ContiguousArray<EpisodeOperation>) -> [Int64]? { nil }
}

/// A register, with or without compare-and-set: the state is the code of its value.
struct RegisterModel: SequentialModel {
    var initial: Int64 { Operations.initialValue }

    @inline(__always)
    func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64 {
        switch kind {
        case .read: state == first ? state : illegalState
        case .write: first
        case .cas: state == first ? second : illegalState
        case .refusedCas: state != first ? state : illegalState
        default: illegalState
        }
    }

    /// Every value that may ever be there.
    func states(for operations: ContiguousArray<EpisodeOperation>) -> [Int64]? {
        var values: Set<Int64> = [initial]
        for operation in operations {
            if operation.kind == .write { values.insert(operation.first) }
            if operation.kind == .cas { values.insert(operation.second) }
        }
        return values.sorted()
    }
}

/// A counter: the state is the sum.
struct CounterModel: SequentialModel {
    var initial: Int64 { 0 }

    @inline(__always)
    func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64 {
        switch kind {
        case .add: state &+ first
        case .read: state == first ? state : illegalState
        default: illegalState
        }
    }
}

/// A lock that anybody may release: 0 free, 1 held.
struct MutexModel: SequentialModel {
    var initial: Int64 { 0 }

    @inline(__always)
    func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64 {
        switch kind {
        case .acquire: state == 0 ? 1 : illegalState
        case .release: state == 1 ? 0 : illegalState
        default: illegalState
        }
    }

    func states(for operations: ContiguousArray<EpisodeOperation>) -> [Int64]? { [0, 1] }
}
