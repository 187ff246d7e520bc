/// The items that the puts of a block name in their extras, `"items":["0-1","3-7"]`, and what is expected of the next put's: see
/// "Extras" in Format.md.
///
/// A put of a cart has what the versions that it saw had, and its own item or one item less. So a list is coded as its difference
/// from the union of the lists of the versions seen.
struct ItemLists {
    /// An item by its identifier, with the first 16 bytes of its string, by which most are told apart.
    struct Item {
        var high: UInt64
        var low: UInt64
        var identifier: UInt32

        init(_ identifier: UInt32, _ strings: Interner) {
            self.identifier = identifier
            (high, low) = strings.withUTF8(of: identifier) { utf8 in
                var words = (UInt64(0), UInt64(0))
                for index in 0..<min(utf8.count, 8) { words.0 |= UInt64(utf8[index]) << UInt64(56 - 8 * index) }
                for index in 8..<max(min(utf8.count, 16), 8) {
                    words.1 |= UInt64(utf8[index]) << UInt64(120 - 8 * index)
                }
                return words
            }
        }

        /// Whether its string sorts before another's, byte by byte.
        func precedes(_ other: Item, _ strings: Interner) -> Bool {
            if high != other.high { return high < other.high }
            if low != other.low { return low < other.low }
            return identifier != other.identifier && strings.precedes(identifier, other.identifier)
        }
    }

    private var pool = ContiguousArray<Item>()
    /// The list that each write of the block named last, by the identifier of its id.
    private var lists: [UInt32: Range<Int>] = [:]
    /// What is expected of the event at hand, in order.
    private(set) var expected = ContiguousArray<Item>()
    private var joined = ContiguousArray<Item>()
    /// What is left of the limits of the block.
    private var itemsLeft = NativeLayout.itemLimit
    private var joinsLeft = NativeLayout.joinLimit

    mutating func reset() {
        pool.removeAll(keepingCapacity: true)
        lists.removeAll(keepingCapacity: true)
        itemsLeft = NativeLayout.itemLimit
        joinsLeft = NativeLayout.joinLimit
    }

    /// Whether the block may have so many items more, which then are taken for there.
    mutating func take(_ count: Int) -> Bool {
        guard count <= itemsLeft else { return false }
        itemsLeft -= count
        return true
    }

    /// Joins the lists of the writes seen into ``expected``, but for the event's own id. False when that is more work than a block
    /// may ask for.
    mutating func expect(_ seen: some Sequence<UInt32>, own: UInt32, _ strings: Interner) -> Bool {
        expected.removeAll(keepingCapacity: true)
        for write in seen {
            guard let list = lists[write] else { continue }
            guard expected.count + list.count <= joinsLeft else { return false }
            joinsLeft -= expected.count + list.count
            join(list, strings)
        }
        expected.removeAll { $0.identifier == own }
        return true
    }

    private mutating func join(_ list: Range<Int>, _ strings: Interner) {
        joined.removeAll(keepingCapacity: true)
        var (left, right) = (0, list.lowerBound)
        while left < expected.count || right < list.upperBound {
            if right == list.upperBound {
                joined.append(expected[left])
                left += 1
            } else if left == expected.count {
                joined.append(pool[right])
                right += 1
            } else if pool[right].precedes(expected[left], strings) {
                joined.append(pool[right])
                right += 1
            } else {
                if pool[right].identifier == expected[left].identifier { right += 1 }
                joined.append(expected[left])
                left += 1
            }
        }
        swap(&joined, &expected)
    }

    /// A list in order with other items put to their places, those that it has already left out.
    static func merged(
        _ list: ContiguousArray<Item>, _ others: ContiguousArray<Item>, _ strings: Interner
    ) -> ContiguousArray<Item> {
        if others.isEmpty { return list }
        var result = ContiguousArray<Item>()
        result.reserveCapacity(list.count + others.count)
        var place = 0
        for item in others.sorted(by: { $0.precedes($1, strings) }) {
            while place < list.count, list[place].precedes(item, strings) {
                result.append(list[place])
                place += 1
            }
            if result.last?.identifier != item.identifier { result.append(item) }
            if place < list.count, list[place].identifier == item.identifier { place += 1 }
        }
        result.append(contentsOf: list[place...])
        return result
    }

    /// Notes the list of a write; ``Interner/none``: of none.
    mutating func note(_ list: ContiguousArray<Item>, of write: UInt32) {
        guard write != Interner.none else { return }
        let start = pool.count
        pool.append(contentsOf: list)
        lists[write] = start..<pool.count
    }
}

/// How the extras of an event are coded: see "Extras" in Format.md.
enum ExtrasCode {
    static let items: UInt64 = 0
    static let acknowledgements: UInt64 = 1
    /// Added to the length of a text.
    static let text: UInt64 = 2
}

/// The texts of the extras that are coded otherwise than as text.
enum ExtrasText {
    static let itemsStart: StaticString = "\"items\":["
    static let w: StaticString = "\"w\":"
    static let acknowledgements: StaticString = "\"acks\":"
    static let puts: StaticString = ",\"puts\":\""
}

/// Takes a text apart from its beginning.
struct TextScanner {
    private let bytes: UnsafeRawBufferPointer
    private(set) var position = 0

    init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

    var isAtEnd: Bool { position == bytes.count }

    /// Passes over a text if it comes next.
    mutating func take(_ text: StaticString) -> Bool {
        let count = text.utf8CodeUnitCount
        guard count <= bytes.count - position else { return false }
        for index in 0..<count where bytes[position + index] != text.utf8Start[index] { return false }
        position += count
        return true
    }

    /// A decimal number without leading zeros.
    mutating func number() -> UInt64? {
        let start = position
        var value: UInt64 = 0
        while position < bytes.count, bytes[position] &- UInt8(ascii: "0") <= 9, position - start < 18 {
            value = value * 10 + UInt64(bytes[position] &- UInt8(ascii: "0"))
            position += 1
        }
        let isCanonical = position > start && (position - start == 1 || bytes[start] != UInt8(ascii: "0"))
        return isCanonical ? value : nil
    }

    /// The bytes before one that ends a word; nil where neither comes, or what a JSON string must escape.
    mutating func word(upTo end: UInt8, or other: UInt8) -> UnsafeRawBufferPointer? {
        let start = position
        while position < bytes.count {
            let byte = bytes[position]
            if byte == end || byte == other { return UnsafeRawBufferPointer(rebasing: bytes[start..<position]) }
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return nil }
            position += 1
        }
        return nil
    }
}
