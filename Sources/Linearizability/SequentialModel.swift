/// What an object does when operations come one after the other: the specification that a concurrent history is held
/// against.
protocol SequentialModel: Sendable {
    /// The state before the first operation.
    var initial: Int64 { get }

    /// A state than which every other is at least as good: what can follow it can follow any. ``illegalState``: none is.
    var worst: Int64 { get }

    /// Called once, when all operations are known and before the first step.
    mutating func prepare()

    /// The state after an operation with these answers, ``illegalState`` when the object cannot have answered so.
    ///
    /// An operation whose kind is an observer leaves the state as it is.
    mutating func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64

    /// The states that may be there at some time when these are all the operations that ever happen, ascending, for
    /// ``states(for:of:)``; nil when that cannot list what makes a difference.
    func reachable(by all: ContiguousArray<EpisodeOperation>) -> [Int64]?

    /// Every state that can make a difference to these operations, some of those that made the states `reachable`.
    /// States that cannot be told apart by the operations may be there once.
    func states(for operations: ContiguousArray<EpisodeOperation>, of reachable: [Int64]) -> [Int64]
}

/// No state.
let illegalState = Int64.min

extension SequentialModel {
    var worst: Int64 { illegalState }

    mutating func prepare() {}

    func reachable(by all: ContiguousArray<EpisodeOperation>) -> [Int64]? { nil }

    func states(for operations: ContiguousArray<EpisodeOperation>, of reachable: [Int64]) -> [Int64] { reachable }
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

    func reachable(by all: ContiguousArray<EpisodeOperation>) -> [Int64]? {
        var values: Set<Int64> = [initial]
        for operation in all {
            if operation.kind == .write { values.insert(operation.first) }
            if operation.kind == .cas { values.insert(operation.second) }
        }
        return values.sorted()
    }

    /// Every value that one of the operations asks for, and one of the others.
    func states(for operations: ContiguousArray<EpisodeOperation>, of reachable: [Int64]) -> [Int64] {
        let asked = Set(operations.lazy.filter { $0.kind != .write }.map(\.first))
        let other = reachable.first { !asked.contains($0) }
        return reachable.filter { $0 == other || asked.contains($0) }
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

    func reachable(by all: ContiguousArray<EpisodeOperation>) -> [Int64]? { [0, 1] }
}
