/// The extras of events: the mirror of what ``BlockEncoder`` makes of them.
extension BlockDecoder {
    mutating func decodeExtras(of event: Event, _ history: History) throws(NativeFault) -> String {
        guard hasExtrasCodes else { return try decodeText(try columns.extraLength.varint()) }
        switch try columns.extraLength.varint() {
        case ExtrasCode.items: return try decodeItems(event, history)
        case ExtrasCode.acknowledgements: return try decodeAcknowledgements(history)
        case let code: return try decodeText(code - ExtrasCode.text)
        }
    }

    /// The extras of a version, which are a text always.
    mutating func decodeVersionExtras() throws(NativeFault) -> String {
        let code = try columns.extraLength.varint()
        if !hasExtrasCodes { return try decodeText(code) }
        guard code >= ExtrasCode.text else { throw NativeFault("a version has the extras of an event") }
        return try decodeText(code - ExtrasCode.text)
    }

    private mutating func decodeText(_ length: UInt64) throws(NativeFault) -> String {
        guard length <= UInt64(columns.extra.remaining) else { throw NativeFault("a column ends too early") }
        let text = try columns.extra.bytes(Int(length))
        try DictionaryDecoder.checkUTF8(text)
        return String(decoding: text, as: UTF8.self)
    }

    private mutating func decodeItems(_ event: Event, _ history: History) throws(NativeFault) -> String {
        guard event.mayNameItems else { throw NativeFault("an event has items that can have none") }
        guard items.expect(history.ids(of: event), own: event.value, history.strings) else {
            throw NativeFault("the block has too many items")
        }
        let head = try columns.item.varint()
        let expected = items.expected
        guard head >> 1 <= UInt64(expected.count) else { throw NativeFault("an event lacks more items than there are") }
        var list = ContiguousArray<ItemLists.Item>()
        var kept = 0
        for _ in 0..<head >> 1 {
            let step = try columns.item.varint()
            guard step < UInt64(expected.count - kept) else {
                throw NativeFault("an event lacks an item that is not there")
            }
            list.append(contentsOf: expected[kept..<kept + Int(step)])
            kept += Int(step) + 1
        }
        list.append(contentsOf: expected[kept...])
        let added = try columns.item.count(of: columns.id, atMost: NativeLayout.itemLimit)
        let own = Int(head & 1)
        guard items.take(list.count + added + own) else { throw NativeFault("the block has too many items") }
        var others = ContiguousArray<ItemLists.Item>()
        if own == 1 { others.append(ItemLists.Item(event.value, history.strings)) }
        for _ in 0..<added { others.append(ItemLists.Item(try decodeLooseID(), history.strings)) }
        list = ItemLists.merged(list, others, history.strings)
        items.note(list, of: event.value)
        return try spell(list.map(\.identifier), history.strings)
    }

    private mutating func spell(_ list: [UInt32], _ strings: Interner) throws(NativeFault) -> String {
        text.begin(ExtrasText.itemsStart)
        for (place, identifier) in list.enumerated() {
            text.append(place == 0 ? "\"" : ",\"")
            try text.append(identifier, strings)
            text.append("\"")
        }
        text.append("]")
        return text.finish()
    }

    private mutating func decodeAcknowledgements(_ history: History) throws(NativeFault) -> String {
        let w = try columns.item.varint(), acknowledgements = try columns.item.varint()
        let count = try columns.item.count(of: columns.id, atMost: NativeLayout.itemLimit)
        guard items.take(count) else { throw NativeFault("the block has too many items") }
        text.begin("")
        if w > 0 {
            text.append(ExtrasText.w)
            text.append(w - 1)
            text.append(",")
        }
        text.append(ExtrasText.acknowledgements)
        text.append(acknowledgements)
        text.append(ExtrasText.puts)
        for place in 0..<count {
            if place > 0 { text.append(" ") }
            try text.append(try decodeLooseID(), history.strings)
        }
        text.append("\"")
        return text.finish()
    }
}

/// Spells extras, as long as they come to no more than the extras of a block may.
struct ExtrasSpeller {
    private var bytes: [UInt8] = []
    private var left = NativeLayout.extrasLimit
    /// Bytes spelled so far.
    var spelled: Int { NativeLayout.extrasLimit - left }

    mutating func begin(_ text: StaticString) {
        bytes.removeAll(keepingCapacity: true)
        append(text)
    }

    mutating func append(_ text: StaticString) {
        bytes.append(contentsOf: UnsafeBufferPointer(start: text.utf8Start, count: text.utf8CodeUnitCount))
    }

    mutating func append(_ number: UInt64) { bytes.append(contentsOf: "\(number)".utf8) }

    mutating func append(_ identifier: UInt32, _ strings: Interner) throws(NativeFault) {
        strings.withUTF8(of: identifier) { bytes.append(contentsOf: $0) }
        if bytes.count > left { throw NativeFault("the extras of a block are too long") }
    }

    mutating func finish() -> String {
        left -= bytes.count
        return String(decoding: bytes, as: UTF8.self)
    }
}
