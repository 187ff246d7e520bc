/// A set of slots.
protocol WindowBits: Sendable, Equatable {
    /// The slots come in words of 64.
    static var wordCount: Int { get }
    func word(_ index: Int) -> UInt64
    static var empty: Self { get }
    var isEmpty: Bool { get }
    /// Whether there are two or more.
    var hasSeveral: Bool { get }
    /// The lowest slot, or -1.
    var lowest: Int { get }
    func contains(_ slot: Int) -> Bool
    mutating func insert(_ slot: Int)
    mutating func remove(_ slot: Int)
    func intersection(_ other: Self) -> Self
    func subtracting(_ other: Self) -> Self
    func hashed(from seed: UInt64) -> UInt64
}

extension WindowBits {
    /// How many slots there are.
    static var width: Int { wordCount * 64 }
}

/// Up to 64 slots: one word.
struct NarrowWindow: WindowBits {
    private var word: UInt64

    static var wordCount: Int { 1 }
    @inline(__always)
    func word(_ index: Int) -> UInt64 { word }
    static var empty: NarrowWindow { NarrowWindow(word: 0) }
    var isEmpty: Bool { word == 0 }
    var hasSeveral: Bool { word & (word &- 1) != 0 }
    var lowest: Int { word == 0 ? -1 : word.trailingZeroBitCount }

    @inline(__always)
    func contains(_ slot: Int) -> Bool { word >> UInt64(truncatingIfNeeded: slot) & 1 == 1 }
    @inline(__always)
    mutating func insert(_ slot: Int) { word |= 1 << UInt64(truncatingIfNeeded: slot) }
    @inline(__always)
    mutating func remove(_ slot: Int) { word &= ~(1 << UInt64(truncatingIfNeeded: slot)) }
    func intersection(_ other: NarrowWindow) -> NarrowWindow { NarrowWindow(word: word & other.word) }
    func subtracting(_ other: NarrowWindow) -> NarrowWindow { NarrowWindow(word: word & ~other.word) }

    @inline(__always)
    func hashed(from seed: UInt64) -> UInt64 { fold(seed ^ word) }
}

/// Slots in a vector of words.
struct WideWindow<Words: SIMD<UInt64>>: WindowBits where Words: Sendable {
    private var words: Words

    static var wordCount: Int { Words.scalarCount }
    func word(_ index: Int) -> UInt64 { words[index] }
    static var empty: WideWindow { WideWindow(words: Words(repeating: 0)) }
    var isEmpty: Bool { words == Words(repeating: 0) }

    var hasSeveral: Bool {
        let first = lowest
        guard first >= 0 else { return false }
        var rest = self
        rest.remove(first)
        return !rest.isEmpty
    }

    var lowest: Int {
        for index in 0..<Words.scalarCount where words[index] != 0 {
            return index * 64 + words[index].trailingZeroBitCount
        }
        return -1
    }

    func contains(_ slot: Int) -> Bool { words[slot >> 6] >> UInt64(slot & 63) & 1 == 1 }
    mutating func insert(_ slot: Int) { words[slot >> 6] |= 1 << UInt64(slot & 63) }
    mutating func remove(_ slot: Int) { words[slot >> 6] &= ~(1 << UInt64(slot & 63)) }
    func intersection(_ other: WideWindow) -> WideWindow { WideWindow(words: words & other.words) }
    func subtracting(_ other: WideWindow) -> WideWindow { WideWindow(words: words & ~other.words) }

    func hashed(from seed: UInt64) -> UInt64 {
        var state = seed
        for index in 0..<Words.scalarCount { state = fold(state ^ words[index]) }
        return state
    }
}

/// Mixes all bits into all bits.
@inline(__always)
func fold(_ value: UInt64) -> UInt64 {
    let product = (value ^ 0xA076_1D64_78BD_642F).multipliedFullWidth(by: 0xE703_7ED1_A0B4_28DB)
    return product.high ^ product.low
}
