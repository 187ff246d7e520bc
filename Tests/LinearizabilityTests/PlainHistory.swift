import Linearizability

/// What an operation did and what came of it, spelled out.
enum Deed: Hashable {
    case read(Int64), write(Int64), cas(Int64, Int64), refusedCas(Int64)
    case readText(String), writeText(String), appendText(String)
    case add(Int64), remove(Int64), contains(Int64, Bool), readSet(Set<Int64>)
    case increase(Int64), readSum(Int64)
    case acquire, release
    case transaction([MultiRegisterModel.Access])
}

/// An operation with the instants at which it began and ended.
struct PlainOperation {
    var deed: Deed
    var begin: Int
    /// Nil: nobody knows how it ended.
    var end: Int?
}

/// What kind of object a history is about.
enum Subject: String, CaseIterable {
    case register, uniqueRegister, casRegister, text, uniqueText, set, counter, mutex, transactions
}

extension Subject {
    /// The check of a history of one object.
    func check(_ history: [PlainOperation], usesUniqueValues: Bool = true) -> LinearizabilityCheck {
        var (texts, sets, transactions) = (TextModel(), SetModel(), MultiRegisterModel())
        var operations = Operations()
        var numbers: [Int: Int32] = [:]
        let points = history.indices.flatMap { index in
            [(history[index].begin, index)] + (history[index].end.map { [($0, index)] } ?? [])
        }.sorted { $0.0 < $1.0 }
        for (_, index) in points {
            if let number = numbers[index] {
                operations.end(number)
                continue
            }
            let (kind, first, second) = code(history[index].deed, &texts, &sets, &transactions)
            numbers[index] = operations.begin(group: 0, kind, first, second)
        }
        operations.seal()
        let specification: LinearizabilityCheck.Specification =
            switch self {
            case .register, .uniqueRegister, .casRegister: .register
            case .text, .uniqueText: .text(texts)
            case .set: .set(sets)
            case .counter: .counter
            case .mutex: .mutex
            case .transactions: .transactions(transactions)
            }
        return LinearizabilityCheck(operations, specification, usesUniqueValues: usesUniqueValues)
    }

    private func code(
        _ deed: Deed, _ texts: inout TextModel, _ sets: inout SetModel, _ transactions: inout MultiRegisterModel
    ) -> (OperationKind, Int64, Int64) {
        switch deed {
        case .read(let value): (.read, value, 0)
        case .write(let value): (.write, value, 0)
        case .cas(let old, let new): (.cas, old, new)
        case .refusedCas(let old): (.refusedCas, old, 0)
        case .readText(let text): (.read, texts.number(of: Array(text.utf8), isRead: true), 0)
        case .writeText(let text): (.write, texts.number(of: Array(text.utf8)), 0)
        case .appendText(let text): (.append, texts.number(of: Array(text.utf8)), 0)
        case .add(let element): (.add, element, 0)
        case .remove(let element): (.remove, element, 0)
        case .contains(let element, let isThere): (.contains, element, isThere ? 1 : 0)
        case .readSet(let elements): (.read, sets.number(of: elements), 0)
        case .increase(let amount): (.add, amount, 0)
        case .readSum(let sum): (.read, sum, 0)
        case .acquire: (.acquire, 0, 0)
        case .release: (.release, 0, 0)
        case .transaction(let accesses):
            (
                accesses.allSatisfy { !$0.isWrite } ? .readTransaction : .transaction,
                transactions.number(of: accesses), 0
            )
        }
    }
}

/// Draws numbers that follow from a seed alone.
struct Draw {
    private var state: UInt64

    init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }

    mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }
    mutating func oneIn(_ chances: Int) -> Bool { below(chances) == 0 }
}
