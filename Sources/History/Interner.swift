/// Maps each distinct string to a small integer and back, so that hot loops compare integers.
///
/// Identifiers are dense and given in the order of first sight: `0, 1, 2, …`. Two strings are the same when their
/// UTF-8 is: a store that normalises Unicode differently from its client must not look right, so the canonical
/// equivalence of `String` is no use here.
///
/// Most strings of a history are a stem and a decimal number (`cart-17`, `12-4711`), with few stems and numbers that
/// come in sequence. So a string is held as a 64-bit *code*, its stem's number and its own, and found by pages of
/// eight neighbouring codes: what comes next in a sequence is found where the last one was.
public struct Interner: Sendable {
    /// The identifier that stands for "no string".
    public static let none = UInt32.max

    /// The stems, and the strings that have no number.
    private var stems = StemTable()
    /// For each identifier its code: the stem in the high half; in the low half 0, or one more than the number.
    private var codes = ContiguousArray<UInt64>()
    /// Identifiers of eight neighbouring codes each; ``none`` where there is no such string.
    private var pages = ContiguousArray<UInt32>()
    private var slots = ContiguousArray<PageSlot>()
    private var pageCount = 0
    private let secret = StemTable.secret
    private static let pageBits: UInt64 = 3
    private var looksUp = true

    /// A place in the open-addressing table of pages.
    private struct PageSlot {
        /// The code that all of the page have but for their last bits.
        var key: UInt64 = 0
        /// Where the page begins in ``pages``; negative: a free slot.
        var start: Int = -1
    }

    public init() {}

    /// An interner, or a mere list of strings: then each is given an identifier of its own however often it comes, and none is found.
    ///
    /// For those who bring each string once as it is, and take what they read from here by its code.
    init(looksUp: Bool) { self.looksUp = looksUp }

    /// No strings yet, but the same stems as another: codes of the one are codes of the other.
    package init(stemsOf other: Interner) { stems = other.stems }

    /// How many distinct strings are known.
    public var count: Int { codes.count }

    /// Memory held by the strings and their tables, in bytes.
    public var footprint: Int {
        stems.footprint + codes.count * 8 + pages.count * 4 + slots.count * MemoryLayout<PageSlot>.stride
    }

    /// Every string, at the position of its identifier; built anew at every call.
    public var strings: [String] { (0..<count).map { self[UInt32($0)] } }

    /// The identifier of `string`, given to it now if it had none.
    public mutating func intern(_ string: String) -> UInt32 {
        var string = string
        return string.withUTF8 { intern(utf8: UnsafeRawBufferPointer($0)) }
    }

    /// The identifier of the string whose UTF-8 is `utf8`, which the caller has found valid, given to it now if it
    /// had none.
    public mutating func intern(utf8: UnsafeRawBufferPointer) -> UInt32 {
        let split = InternedNumber(utf8)
        let stem = stems.intern(UnsafeRawBufferPointer(rebasing: utf8[..<split.stemLength]))
        return intern(code: UInt64(stem) << 32 | split.code)
    }

    /// The identifier of `string`, or nil when it was never interned.
    public func identifier(of string: String) -> UInt32? {
        var string = string
        return string.withUTF8 { bytes in
            let utf8 = UnsafeRawBufferPointer(bytes)
            let split = InternedNumber(utf8)
            guard let stem = stems.find(UnsafeRawBufferPointer(rebasing: utf8[..<split.stemLength])) else { return nil }
            return find(code: UInt64(stem) << 32 | split.code)
        }
    }

    /// The string behind `identifier`; empty for ``none``.
    public subscript(identifier: UInt32) -> String {
        withUTF8(of: identifier) { String(decoding: $0, as: UTF8.self) }
    }

    /// Calls `body` with the UTF-8 of the string behind `identifier`, no bytes for ``none``.
    public func withUTF8<Result>(of identifier: UInt32, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        if identifier == Interner.none { return body(UnsafeRawBufferPointer(start: nil, count: 0)) }
        let code = codes[Int(identifier)]
        let range = stems.range(of: UInt32(truncatingIfNeeded: code >> 32))
        if code & 0xFFFF_FFFF == 0 {
            return stems.withBytes { all in body(UnsafeRawBufferPointer(rebasing: all[range])) }
        }
        return withUnsafeTemporaryAllocation(byteCount: range.count + InternedNumber.digits, alignment: 1) { buffer in
            stems.withBytes { all in
                for index in 0..<range.count { buffer[index] = all[range.lowerBound + index] }
            }
            let length = InternedNumber.spell(code & 0xFFFF_FFFF - 1, at: range.count, in: buffer)
            return body(UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[..<length]))
        }
    }

    /// At least the length of any string's UTF-8, in bytes.
    var lengthBound: Int { stems.longest + InternedNumber.digits }

    /// At least the length of a string's UTF-8 in bytes; 0 for ``none``.
    func lengthBound(of identifier: UInt32) -> Int {
        if identifier == Interner.none { return 0 }
        return stems.range(of: UInt32(truncatingIfNeeded: codes[Int(identifier)] >> 32)).count + InternedNumber.digits
    }
}

/// Strings by their codes, for those who read many of the same stem.
extension Interner {
    /// The stem of that text, or its number in this interner given to it now. Not yet a string.
    mutating func stem(_ utf8: UnsafeRawBufferPointer) -> UInt32 { stems.intern(utf8) }

    /// The stem of another interner's code, in this one.
    mutating func stem(of code: UInt64, in other: Interner) -> UInt32 {
        let range = other.stems.range(of: UInt32(truncatingIfNeeded: code >> 32))
        return other.stems.withBytes { all in stems.intern(UnsafeRawBufferPointer(rebasing: all[range])) }
    }

    /// How many stems there are.
    var stemCount: Int { stems.count }

    /// Calls `body` with the codes of all strings, by identifier.
    func withCodes<Result>(
        _ body: (UnsafeBufferPointer<UInt64>) throws(HistoryError) -> Result
    ) throws(HistoryError) -> Result { try codes.withUnsafeBufferPointer(body) }

    /// The code of a string.
    @inline(__always)
    func code(of identifier: UInt32) -> UInt64 { codes[Int(identifier)] }

    /// The identifier of the string with that code, given to it now if it had none.
    @inline(__always)
    mutating func intern(code: UInt64) -> UInt32 {
        if !looksUp {
            codes.append(code)
            return UInt32(truncatingIfNeeded: codes.count - 1)
        }
        if (pageCount + 1) * 2 > slots.count { growPages() }
        let key = code >> Interner.pageBits
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: StemTable.fold(key, secret)) & mask
        while slots[slot].start >= 0 {
            if slots[slot].key == key {
                let place = slots[slot].start + Int(code & 7)
                let known = pages[place]
                if known != Interner.none { return known }
                pages[place] = UInt32(truncatingIfNeeded: codes.count)
                codes.append(code)
                return UInt32(truncatingIfNeeded: codes.count - 1)
            }
            slot = (slot + 1) & mask
        }
        return addPage(code, at: slot)
    }

    private mutating func addPage(_ code: UInt64, at slot: Int) -> UInt32 {
        slots[slot] = PageSlot(key: code >> Interner.pageBits, start: pages.count)
        pageCount += 1
        let start = pages.count
        for _ in 0..<8 { pages.append(Interner.none) }
        let identifier = UInt32(codes.count)
        pages[start + Int(code & 7)] = identifier
        codes.append(code)
        return identifier
    }

    private func find(code: UInt64) -> UInt32? {
        if slots.isEmpty { return nil }
        let key = code >> Interner.pageBits
        let mask = slots.count - 1
        var slot = Int(truncatingIfNeeded: StemTable.fold(key, secret)) & mask
        while slots[slot].start >= 0 {
            if slots[slot].key == key {
                let known = pages[slots[slot].start + Int(code & 7)]
                return known == Interner.none ? nil : known
            }
            slot = (slot + 1) & mask
        }
        return nil
    }

    private mutating func growPages() {
        let old = slots
        slots = ContiguousArray(repeating: PageSlot(), count: max(16, old.count * 2))
        let mask = slots.count - 1
        for entry in old where entry.start >= 0 {
            var slot = Int(truncatingIfNeeded: StemTable.fold(entry.key, secret)) & mask
            while slots[slot].start >= 0 { slot = (slot + 1) & mask }
            slots[slot] = entry
        }
    }

    /// Forgets every string and every stem, and keeps the memory of the strings.
    mutating func removeAll() {
        stems = StemTable()
        removeStrings()
    }

    /// Forgets every string, but not the stems, and keeps the memory.
    mutating func removeStrings() {
        codes.removeAll(keepingCapacity: true)
        pages.removeAll(keepingCapacity: true)
        pageCount = 0
        for slot in slots.indices { slots[slot].start = -1 }
    }
}

/// How a string is split into its stem and its number: the one way that makes a string's code its own.
struct InternedNumber {
    /// A number has at most so many digits; those before belong to the stem.
    static let digits = 9
    /// Greater than any number.
    static let limit: Int64 = 1_000_000_000
    let stemLength: Int
    /// The low half of the code: 0 without a number, else one more than it.
    let code: UInt64

    init(_ utf8: UnsafeRawBufferPointer) {
        var start = utf8.count
        let earliest = max(0, utf8.count - InternedNumber.digits)
        while start > earliest, utf8[start - 1] &- UInt8(ascii: "0") <= 9 { start -= 1 }
        if start == utf8.count {
            (stemLength, code) = (start, 0)
            return
        }
        while start < utf8.count - 1, utf8[start] == UInt8(ascii: "0") { start += 1 }
        stemLength = start
        var number: UInt64 = 0
        for index in start..<utf8.count { number = number * 10 + UInt64(utf8[index] &- UInt8(ascii: "0")) }
        code = number + 1
    }

    /// Writes a number into a buffer from `place` on, and gives where it ends.
    static func spell(_ number: UInt64, at place: Int, in buffer: UnsafeMutableRawBufferPointer) -> Int {
        var (rest, end) = (number, place)
        repeat {
            end += 1
            rest /= 10
        } while rest > 0
        rest = number
        for index in stride(from: end - 1, through: place, by: -1) {
            buffer[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        return end
    }
}
