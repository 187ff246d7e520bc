/// The members of one JSON object: those that the form knows by number, the others as text that is kept.
///
/// One value serves all lines of a file, so that a line costs no allocation unless it has unknown members.
struct JSONMembers {
    /// The packed names of the known members (``pack(_:)``), at the position of their numbers; at most 64.
    private let known: [UInt64]
    /// Those of the known names that are too long to pack.
    private let long: [(name: [UInt8], number: Int)]
    private var spans: [JSONSpan]
    /// Which known members are there and not yet taken, as bits.
    private var present: UInt64 = 0
    /// The unknown ones, as `"name":value` joined by commas.
    private(set) var extras = ""
    private var extraNames: Set<[UInt8]> = []

    init(_ names: [String]) {
        known = names.map { JSONMembers.pack($0.utf8) }
        long = names.enumerated().filter { $0.element.utf8.count > 8 }.map { (Array($0.element.utf8), $0.offset) }
        spans = Array(repeating: JSONSpan(start: 0, end: 0), count: names.count)
    }

    /// Up to eight bytes of a name as one integer; 0, which no known name has, when it is longer.
    static func pack(_ name: some Collection<UInt8>) -> UInt64 {
        guard name.count <= 8 else { return 0 }
        return name.reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// Reads an object. Throws when it is no object, or has a member twice.
    mutating func read(_ cursor: inout JSONCursor) throws(JSONFault) {
        present = 0
        if !extras.isEmpty {
            extras = ""
            extraNames.removeAll()
        }
        try cursor.expect(UInt8(ascii: "{"), "at the start of an object")
        if cursor.take(UInt8(ascii: "}")) { return }
        repeat {
            let name = try cursor.nextName()
            let value = try cursor.skipValue(depth: 1)
            try put(name, value, cursor.bytes)
        } while cursor.take(UInt8(ascii: ","))
        try cursor.expect(UInt8(ascii: "}"), "or ',' in an object")
    }

    private mutating func put(_ name: JSONSpan, _ value: JSONSpan, _ bytes: UnsafeRawBufferPointer) throws(JSONFault) {
        let text = JSONText(bytes: bytes)
        let decoded = name.escaped ? try text.unescaped(name) : nil
        let number = if let decoded { self.number(of: decoded) } else { self.number(of: bytes[name.range]) }
        guard let number else {
            guard extraNames.insert(decoded ?? Array(bytes[name.range])).inserted else { throw twice(text.raw(name)) }
            append(extra: text.raw(name), text.raw(value))
            return
        }
        guard present & 1 << UInt64(number) == 0 else { throw twice(text.raw(name)) }
        present |= 1 << UInt64(number)
        spans[number] = value
    }

    private func number(of name: some Collection<UInt8>) -> Int? {
        let packed = JSONMembers.pack(name)
        if packed != 0 { return known.firstIndex(of: packed) }
        return long.first { $0.name.elementsEqual(name) }?.number
    }

    private func twice(_ name: String) -> JSONFault { JSONFault(reason: "the member \"\(name)\" is there twice") }

    private mutating func append(extra name: String, _ value: String) {
        if !extras.isEmpty { extras += "," }
        extras += "\"\(name)\":\(value)"
    }

    /// Where the value of a known member is, and marks it as used; nil when it is missing or null.
    mutating func take(_ number: Int, _ text: JSONText) -> JSONSpan? {
        guard let span = look(number), !text.isNull(span) else { return nil }
        present &= ~(1 << UInt64(number))
        return span
    }

    /// Where the value of a known member is, without marking it as used.
    func look(_ number: Int) -> JSONSpan? { present & 1 << UInt64(number) == 0 ? nil : spans[number] }

    /// Moves the known members that nobody took to the ``extras``: here they have no meaning, and still are kept.
    mutating func keepRest(_ names: [String], _ text: JSONText) {
        while present != 0 {
            let number = present.trailingZeroBitCount
            append(extra: names[number], text.raw(spans[number]))
            present &= present - 1
        }
    }
}
