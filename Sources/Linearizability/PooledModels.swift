/// A text that can be put, got and appended to.
///
/// A text that no read ever saw, nor the beginning of one, can never be told from another such text: whatever is appended
/// to it, no read will fit. So there are only as many states as there are beginnings of texts that were read: a state is
/// the place of the first such text, in byte order, and how many bytes of it there are; or ``lost``.
public struct TextModel: SequentialModel {
    private var numbers: [[UInt8]: Int64] = [[]: 0]
    private var texts: [[UInt8]] = [[]]
    private var wasRead: [Bool] = [false]
    /// The texts that were read, in byte order, each once.
    private var readTexts: [[UInt8]] = []
    /// The state in which exactly this text is there, by its number.
    private var stateOfText: [Int64] = []

    /// Every text that no read can follow.
    private static let lost: Int64 = -1

    public init() {}

    /// Empty: what a key holds before anything was put there.
    var initial: Int64 { 0 }

    /// No read fits, and only what is put leads away from it, which leads to the same text from everywhere.
    var worst: Int64 { TextModel.lost }

    /// The number of a text, for the arguments of operations.
    public mutating func number(of text: [UInt8], isRead: Bool = false) -> Int64 {
        if let known = numbers[text] {
            if isRead { wasRead[Int(known)] = true }
            return known
        }
        numbers[text] = Int64(texts.count)
        texts.append(text)
        wasRead.append(isRead)
        return Int64(texts.count - 1)
    }

    mutating func prepare() {
        readTexts = texts.indices.filter { wasRead[$0] }.map { texts[$0] }.sorted { $0.lexicographicallyPrecedes($1) }
        stateOfText = texts.map { extended(0, by: $0) }
    }

    func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64 {
        switch kind {
        case .read: state == stateOfText[Int(first)] && state != TextModel.lost ? state : illegalState
        case .write: stateOfText[Int(first)]
        case .append: state == TextModel.lost ? state : extended(state, by: texts[Int(first)])
        default: illegalState
        }
    }

    func reachable(by all: ContiguousArray<EpisodeOperation>) -> [Int64]? { [] }

    /// What is there before the operations makes a difference only when a read's text goes on from it with what is
    /// appended here: those beginnings of the texts that are read, and one for all others.
    func states(for operations: ContiguousArray<EpisodeOperation>, of reachable: [Int64]) -> [Int64] {
        let appended = Set(operations.lazy.filter { $0.kind == .append }.map(\.first)).map { texts[Int($0)] }
        let read = Set(operations.lazy.filter { $0.kind == .read }.map { stateOfText[Int($0.first)] })
        var states: Set<Int64> = [TextModel.lost, initial]
        for end in read {
            let text = readTexts[Int(end >> 32)]
            var open = [Int(truncatingIfNeeded: end & 0xFFFF_FFFF)]
            while let length = open.popLast() {
                let beginning = Array(text[..<length])
                guard states.insert(extended(initial, by: beginning)).inserted else { continue }
                for tail in appended where !tail.isEmpty && beginning.reversed().starts(with: tail.reversed()) {
                    open.append(length - tail.count)
                }
            }
        }
        return states.sorted()
    }

    /// The state with `tail` behind the text of `state`.
    private func extended(_ state: Int64, by tail: [UInt8]) -> Int64 {
        if tail.isEmpty { return state }
        let offset = Int(truncatingIfNeeded: state & 0xFFFF_FFFF)
        let place = firstRead(from: Int(truncatingIfNeeded: state >> 32), offset: offset, tail)
        guard place >= 0 else { return TextModel.lost }
        return Int64(place) << 32 | Int64(offset + tail.count)
    }

    /// The first read text from `start` on that goes on with `tail` at `offset`, where the text at `start` is the first
    /// with its first `offset` bytes; -1 when there is none.
    private func firstRead(from start: Int, offset: Int, _ tail: [UInt8]) -> Int {
        guard start < readTexts.count else { return -1 }
        var (low, high) = (start, readTexts.count)
        while low < high {
            let middle = (low + high) / 2
            if isBefore(readTexts[middle], readTexts[start], offset, tail) { low = middle + 1 } else { high = middle }
        }
        guard low < readTexts.count, readTexts[low].count >= offset + tail.count else { return -1 }
        let isSame = readTexts[low][..<offset] == readTexts[start][..<offset]
        return isSame && readTexts[low][offset..<(offset + tail.count)].elementsEqual(tail) ? low : -1
    }

    /// Whether `text` comes before the first `offset` bytes of `model` with `tail` behind them.
    private func isBefore(_ text: [UInt8], _ model: [UInt8], _ offset: Int, _ tail: [UInt8]) -> Bool {
        for index in 0..<(offset + tail.count) {
            guard index < text.count else { return true }
            let byte = index < offset ? model[index] : tail[index - offset]
            if text[index] != byte { return text[index] < byte }
        }
        return false
    }
}

/// A set of elements: the state is the number of the set.
public struct SetModel: SequentialModel {
    private var numbers: [[Int64]: Int64] = [[]: 0]
    /// The elements of each set, ascending.
    private var sets: [[Int64]] = [[]]
    private var changed: [Change: Int64] = [:]

    private struct Change: Hashable {
        var set: Int64
        var element: Int64
        var isAddition: Bool
    }

    public init() {}

    var initial: Int64 { 0 }

    /// The number of a set, for the argument of a read.
    public mutating func number(of elements: Set<Int64>) -> Int64 { number(ofSorted: elements.sorted()) }

    private mutating func number(ofSorted elements: [Int64]) -> Int64 {
        if let known = numbers[elements] { return known }
        numbers[elements] = Int64(sets.count)
        sets.append(elements)
        return Int64(sets.count - 1)
    }

    mutating func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64 {
        switch kind {
        case .read: return state == first ? state : illegalState
        case .contains: return has(first, state) == (second == 1) ? state : illegalState
        case .add: return has(first, state) ? state : change(Change(set: state, element: first, isAddition: true))
        case .remove: return has(first, state) ? change(Change(set: state, element: first, isAddition: false)) : state
        default: return illegalState
        }
    }

    private func has(_ element: Int64, _ set: Int64) -> Bool {
        let elements = sets[Int(set)]
        let place = SetModel.place(of: element, in: elements)
        return place < elements.count && elements[place] == element
    }

    private mutating func change(_ change: Change) -> Int64 {
        if let known = changed[change] { return known }
        var elements = sets[Int(change.set)]
        let place = SetModel.place(of: change.element, in: elements)
        if change.isAddition { elements.insert(change.element, at: place) } else { elements.remove(at: place) }
        let result = number(ofSorted: elements)
        changed[change] = result
        return result
    }

    /// Where an element is, or would be.
    private static func place(of element: Int64, in elements: [Int64]) -> Int {
        var (low, high) = (0, elements.count)
        while low < high {
            let middle = (low + high) / 2
            if elements[middle] < element { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

/// Registers that transactions read and write together: the state is the number of their values.
public struct MultiRegisterModel: SequentialModel {
    /// A read or a write of one register within a transaction.
    public struct Access: Sendable, Hashable {
        public var isWrite: Bool
        /// From 0.
        public var register: Int
        public var value: Int64
        public init(isWrite: Bool, register: Int, value: Int64) {
            self.isWrite = isWrite
            self.register = register
            self.value = value
        }
    }

    private var transactions: [[Access]] = []
    private var transactionNumbers: [[Access]: Int64] = [:]
    private var states: [[Int64]] = [[]]
    private var stateNumbers: [[Int64]: Int64] = [[]: 0]

    public init() {}

    /// All registers at ``Operations/initialValue``: trailing ones are left out of a state.
    var initial: Int64 { 0 }

    /// The number of a transaction, for the argument of an operation.
    public mutating func number(of accesses: [Access]) -> Int64 {
        if let known = transactionNumbers[accesses] { return known }
        transactionNumbers[accesses] = Int64(transactions.count)
        transactions.append(accesses)
        return Int64(transactions.count - 1)
    }

    mutating func step(_ state: Int64, _ kind: OperationKind, _ first: Int64, _ second: Int64) -> Int64 {
        guard kind == .transaction || kind == .readTransaction else { return illegalState }
        var values = states[Int(state)]
        for access in transactions[Int(first)] {
            let current = access.register < values.count ? values[access.register] : Operations.initialValue
            if access.isWrite {
                while values.count <= access.register { values.append(Operations.initialValue) }
                values[access.register] = access.value
            } else if current != access.value {
                return illegalState
            }
        }
        while values.last == Operations.initialValue { values.removeLast() }
        if let known = stateNumbers[values] { return known }
        stateNumbers[values] = Int64(states.count)
        states.append(values)
        return Int64(states.count - 1)
    }
}
