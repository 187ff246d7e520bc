/// Writes a dictionary of a block: see "Dictionaries" in Format.md.
struct DictionaryEncoder {
    private var prefixes = Interner()
    /// How many strings have each prefix.
    private var uses: [Int] = []
    private var parts: [(prefix: UInt32, number: Int64)] = []

    /// The column that holds the strings of `table` in their order.
    static func column(_ table: LocalTable, _ strings: Interner) -> ColumnWriter {
        var encoder = DictionaryEncoder()
        for identifier in table.identifiers.buffer { strings.withUTF8(of: identifier) { encoder.note($0) } }
        return encoder.encode(table, strings)
    }

    private mutating func note(_ utf8: UnsafeRawBufferPointer) {
        guard let split = NumberedString(utf8) else {
            parts.append((Interner.none, 0))
            return
        }
        let prefix = prefixes.intern(utf8: UnsafeRawBufferPointer(rebasing: utf8[..<split.prefixLength]))
        if Int(prefix) == uses.count { uses.append(0) }
        uses[Int(prefix)] += 1
        parts.append((prefix, split.number))
    }

    private func encode(_ table: LocalTable, _ strings: Interner) -> ColumnWriter {
        var (codes, literals) = (ColumnWriter(), ColumnWriter())
        var numbers = [ColumnWriter(), ColumnWriter()]
        // A prefix's place among those that are written, and the last number it had.
        var places = [Int](repeating: -1, count: uses.count)
        var last = [Int64](repeating: 0, count: uses.count)
        var (written, lastOfAll) = (0, Int64(0))
        for (index, part) in parts.enumerated() {
            let prefix = Int(part.prefix)
            // A prefix of one string only is not worth a place among the prefixes.
            if part.prefix == Interner.none || uses[prefix] == 1 {
                codes.varint(0)
                literals.counted(table.identifiers[index], strings)
                continue
            }
            if places[prefix] < 0 {
                places[prefix] = written
                written += 1
                codes.varint(1)
                literals.counted(part.prefix, prefixes)
            } else {
                codes.varint(places[prefix] + 2)
            }
            numbers[0].zigzag(part.number &- last[prefix])
            numbers[1].zigzag(part.number &- lastOfAll)
            last[prefix] = part.number
            lastOfAll = part.number
        }
        let predictor = numbers[1].count < numbers[0].count ? 1 : 0
        var column = ColumnWriter()
        column.varint(parts.count)
        column.varint(predictor)
        column.counted(codes)
        column.counted(numbers[predictor])
        column.append(literals)
        return column
    }
}

extension ColumnWriter {
    fileprivate mutating func counted(_ other: ColumnWriter) {
        varint(other.count)
        append(other)
    }

    fileprivate mutating func counted(_ identifier: UInt32, _ strings: Interner) {
        strings.withUTF8(of: identifier) { utf8 in
            varint(utf8.count)
            append(utf8)
        }
    }
}

/// A string as a prefix and a decimal number without leading zeros, where it ends in one.
struct NumberedString {
    private static let digits = 18
    var prefixLength: Int
    var number: Int64

    /// nil when the string does not end in a digit.
    init?(_ utf8: UnsafeRawBufferPointer) {
        var start = utf8.count
        let earliest = max(0, utf8.count - NumberedString.digits)
        while start > earliest, utf8[start - 1] &- UInt8(ascii: "0") <= 9 { start -= 1 }
        if start == utf8.count { return nil }
        while start < utf8.count - 1, utf8[start] == UInt8(ascii: "0") { start += 1 }
        prefixLength = start
        number = utf8[start...].reduce(0) { $0 * 10 + Int64($1 &- UInt8(ascii: "0")) }
    }
}

/// Reads a dictionary of a block into an interner: see "Dictionaries" in Format.md.
struct DictionaryDecoder {
    private var codes: ColumnReader
    private var numbers: ColumnReader
    private var literals: ColumnReader
    private let count: Int
    private let isPredictedByPrefix: Bool
    private var prefixes: [Prefix] = []
    private var lastOfAll: Int64 = 0
    private var length = 0
    private var scratch: [UInt8] = []

    /// A prefix of the dictionary, and the last number it had.
    private struct Prefix {
        var text: UnsafeRawBufferPointer
        var last: Int64 = 0
        /// Its stem in the interner, as the high half of a code; nil when it ends in a digit, which then belongs to
        /// the number that follows it.
        var stem: UInt64?
    }

    /// The identifiers of the strings of a column, in their order.
    static func identifiers(
        _ column: ColumnReader, atMost limit: Int, _ strings: inout Interner
    ) throws(NativeFault) -> UncheckedArray<UInt32> {
        var decoder = try DictionaryDecoder(column, atMost: limit)
        var result = UncheckedArray<UInt32>()
        for _ in 0..<decoder.count { result.append(try decoder.next(&strings)) }
        try decoder.codes.checkEnd()
        try decoder.numbers.checkEnd()
        try decoder.literals.checkEnd()
        return result
    }

    private init(_ column: ColumnReader, atMost limit: Int) throws(NativeFault) {
        var column = column
        let count = try column.varint()
        isPredictedByPrefix = try column.index(below: 2) == 0
        codes = ColumnReader(try column.counted())
        numbers = ColumnReader(try column.counted())
        literals = column
        guard count <= UInt64(codes.remaining), count <= UInt64(limit) else {
            throw NativeFault("a dictionary is larger than the block allows")
        }
        self.count = Int(count)
    }

    private mutating func next(_ strings: inout Interner) throws(NativeFault) -> UInt32 {
        let code = try codes.varint()
        if code == 0 {
            let text = try literals.counted()
            try take(text.count)
            try DictionaryDecoder.checkUTF8(text)
            return strings.intern(utf8: text)
        }
        if code == 1 {
            let prefix = try literals.counted()
            try DictionaryDecoder.checkUTF8(prefix)
            let endsInDigit = prefix.last.map { $0 &- UInt8(ascii: "0") <= 9 } ?? false
            prefixes.append(Prefix(text: prefix, stem: endsInDigit ? nil : UInt64(strings.stem(prefix)) << 32))
        }
        guard code - 1 <= UInt64(prefixes.count) else { throw NativeFault("a string has an unknown prefix") }
        let place = code == 1 ? prefixes.count - 1 : Int(code) - 2
        guard place < prefixes.count else { throw NativeFault("a string has an unknown prefix") }
        let number = (isPredictedByPrefix ? prefixes[place].last : lastOfAll) &+ (try numbers.zigzag())
        guard number >= 0, number < 1_000_000_000_000_000_000 else {
            throw NativeFault("a string ends in no decimal number")
        }
        prefixes[place].last = number
        lastOfAll = number
        try take(prefixes[place].text.count + 18)
        if number < InternedNumber.limit, let stem = prefixes[place].stem {
            return strings.intern(code: stem | UInt64(number + 1))
        }
        return intern(prefixes[place].text, number, &strings)
    }

    private mutating func take(_ bytes: Int) throws(NativeFault) {
        length += bytes
        if length > NativeLayout.dictionaryLimit { throw NativeFault("the strings of a dictionary are too long") }
    }

    private mutating func intern(_ prefix: UnsafeRawBufferPointer, _ number: Int64, _ strings: inout Interner) -> UInt32
    {
        scratch.removeAll(keepingCapacity: true)
        scratch.append(contentsOf: prefix)
        var rest = number
        repeat {
            scratch.append(UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10))
            rest /= 10
        } while rest > 0
        scratch[prefix.count...].reverse()
        return scratch.withUnsafeBytes { strings.intern(utf8: $0) }
    }

    /// Throws when `text` is not UTF-8.
    static func checkUTF8(_ text: UnsafeRawBufferPointer) throws(NativeFault) {
        if text.contains(where: { $0 >= 0x80 }), String(validating: text, as: UTF8.self) == nil {
            throw NativeFault("a string is not UTF-8")
        }
    }
}
