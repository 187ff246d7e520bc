import Notation

/// Why bytes are no Fressian.
struct FressianFault: Error {
    /// The byte, from the beginning of the file.
    var offset: Int
    var reason: String
}

/// Reads values of Fressian one after the other, as Jepsen writes them.
///
/// Never traps, whatever the bytes, and takes memory in proportion to them: a value that is referred to by its number
/// in a cache may be repeated in one byte, so what is read is weighed with all its repetitions, and ``room`` is what is
/// left of the weight that is allowed.
struct FressianReader {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position: Int
    private let end: Int
    /// What may still be read: values and bytes of texts, repetitions counted anew.
    private(set) var room: Int

    /// Values that are referred to by their numbers; nil: one that is being read.
    private var cache: [Cached?] = []
    /// Kinds of structures that are referred to by their numbers.
    private var structures: [(tag: String, fieldCount: Int)] = []
    /// How many values the one in hand is within, and the most since it was set.
    private var level = 0
    private var deepest = 0

    private struct Cached {
        var value: Datum
        var weight: Int
        var height: Int
    }

    /// Values within values, at most.
    static let mostLevels = 200
    private static let mostStructures = 1 << 16

    /// - Parameters:
    ///   - bytes: the whole file; must outlive the reader.
    ///   - range: what of it is read.
    ///   - room: how many values and bytes of texts may be read.
    init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, room: Int) {
        self.bytes = bytes
        (position, end) = (range.lowerBound, range.upperBound)
        self.room = room
    }

    /// The next value; nil at the end of the bytes.
    mutating func next() throws(FressianFault) -> Datum? {
        if position == end { return nil }
        return try value()
    }

    /// When the next value is a list, goes into it, so that its elements come from ``nextElement(_:)`` one by one.
    mutating func enterList() throws(FressianFault) -> ListExtent? {
        guard let code = nextByte, FressianReader.isList(code) else { return nil }
        position += 1
        return try extent(code)
    }

    /// The next element of a list that was entered; nil behind the last.
    mutating func nextElement(_ list: inout ListExtent?) throws(FressianFault) -> Datum? {
        guard var extent = list else { return nil }
        defer { list = extent }
        return try element(&extent)
    }

    func fault(_ reason: String) -> FressianFault { FressianFault(offset: position, reason: reason) }

    // MARK: Values

    /// The value that comes next.
    mutating func value() throws(FressianFault) -> Datum {
        level += 1
        defer { level -= 1 }
        try goDown(to: level)
        try weigh(1)
        var code = try byte()
        while code == FressianCode.resetCaches || code == FressianCode.footer {
            if code == FressianCode.footer { _ = try take(11) }
            cache = []
            structures = []
            code = try byte()
        }
        switch code {
        case 0..<0x40: return .integer(Int64(code))
        case 0x40..<0x80, FressianCode.minusOne, FressianCode.integer: return .integer(try integer(code))
        case 0x80..<0xA0: return try cached(Int64(code) - 0x80)
        case FressianCode.getCached: return try cached(try integer())
        case FressianCode.putCached: return try cachedAnew()
        case 0xA0..<0xB0: return try structure(Int64(code) - 0xA0)
        case FressianCode.structure: return try structure(try integer())
        case FressianCode.structType: return try newStructure()
        case 0xD0...FressianCode.bytes: return try .tagged("bytes", .string(FressianNumbers.hexadecimal(blob(code))))
        case 0xDA...FressianCode.string: return .string(try string(code))
        case 0xE4...FressianCode.openList:
            var list = try extent(code)
            return .list(try elements(&list))
        case FressianCode.yes: return .boolean(true)
        case FressianCode.no: return .boolean(false)
        case FressianCode.null: return .null
        case FressianCode.float: return FressianNumbers.number(Float(bitPattern: UInt32(try unsigned(4))))
        case FressianCode.double: return FressianNumbers.number(Double(bitPattern: try unsigned(8)))
        case FressianCode.doubleZero: return FressianNumbers.number(0.0)
        case FressianCode.doubleOne: return FressianNumbers.number(1.0)
        default:
            guard let tag = FressianCode.tag(of: code) else {
                position -= 1
                throw fault("no value begins with the byte \(code)")
            }
            return try tagged(tag, fieldCount: 1)
        }
    }

    /// An integer, however it is spelled.
    mutating func integer() throws(FressianFault) -> Int64 {
        let start = position
        guard case .integer(let value) = try value() else {
            throw FressianFault(offset: start, reason: "an integer is expected here")
        }
        return value
    }

    /// How many things follow.
    mutating func count() throws(FressianFault) -> Int {
        let start = position
        let value = try integer()
        guard (0...Int64(Int32.max)).contains(value) else {
            throw FressianFault(offset: start, reason: "\(value) is no count")
        }
        return Int(value)
    }

    private mutating func goDown(to level: Int) throws(FressianFault) {
        guard level <= FressianReader.mostLevels else {
            throw fault("values within values deeper than \(FressianReader.mostLevels)")
        }
        deepest = max(deepest, level)
    }

    /// Takes what is allowed to be read.
    mutating func weigh(_ weight: Int) throws(FressianFault) {
        if weight > room { throw fault("repetitions make more of the file than it can hold") }
        room -= weight
    }

    private mutating func integer(_ code: UInt8) throws(FressianFault) -> Int64 {
        if code == FressianCode.minusOne { return -1 }
        guard let packed = FressianCode.packedInteger(code) else { return Int64(bitPattern: try unsigned(8)) }
        return (Int64(code) - packed.zero) << Int64(8 * packed.bytes) | Int64(try unsigned(packed.bytes))
    }

    // MARK: Caches

    private mutating func cached(_ number: Int64) throws(FressianFault) -> Datum {
        guard number >= 0, number < Int64(cache.count), let known = cache[Int(number)] else {
            throw fault("there is no value with the number \(number) in the cache")
        }
        try goDown(to: level + known.height)
        try weigh(known.weight)
        return known.value
    }

    private mutating func cachedAnew() throws(FressianFault) -> Datum {
        let number = cache.count
        cache.append(nil)
        let (deepestBefore, roomBefore) = (deepest, room)
        deepest = level
        let value = try value()
        // The caches may have been emptied meanwhile.
        if number < cache.count {
            cache[number] = Cached(value: value, weight: roomBefore - room, height: deepest - level)
        }
        deepest = max(deepest, deepestBefore)
        return value
    }

    private mutating func newStructure() throws(FressianFault) -> Datum {
        let name = try value()
        let tag = name.name ?? name.json
        let fieldCount = try count()
        guard structures.count < FressianReader.mostStructures else { throw fault("too many kinds of structures") }
        structures.append((tag, fieldCount))
        return try tagged(tag, fieldCount: fieldCount)
    }

    private mutating func structure(_ number: Int64) throws(FressianFault) -> Datum {
        guard number >= 0, number < Int64(structures.count) else {
            throw fault("there is no kind of structure with the number \(number)")
        }
        let known = structures[Int(number)]
        try weigh(known.tag.utf8.count)
        return try tagged(known.tag, fieldCount: known.fieldCount)
    }

    // MARK: Bytes

    /// The next byte, left where it is; nil at the end.
    var nextByte: UInt8? { position < end ? bytes[position] : nil }

    mutating func byte() throws(FressianFault) -> UInt8 {
        guard position < end else { throw fault("the data end within a value") }
        position += 1
        return bytes[position - 1]
    }

    /// The next bytes.
    mutating func take(_ count: Int) throws(FressianFault) -> UnsafeRawBufferPointer {
        guard count <= end - position else { throw fault("the data end within a value") }
        position += count
        return UnsafeRawBufferPointer(rebasing: bytes[(position - count)..<position])
    }

    /// A big-endian number without a sign, of at most eight bytes.
    mutating func unsigned(_ count: Int) throws(FressianFault) -> UInt64 {
        try take(count).reduce(0) { $0 << 8 | UInt64($1) }
    }
}
