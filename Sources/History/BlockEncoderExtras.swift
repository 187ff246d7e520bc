/// The extras of events: see "Extras" in Format.md.
extension BlockEncoder {
    mutating func encodeExtras(_ text: String, of event: Event, _ history: History) {
        var text = text
        text.withUTF8 { utf8 in
            let bytes = UnsafeRawBufferPointer(utf8)
            if event.mayNameItems, encodeItems(bytes, event, history) { return }
            if event.function == .other, encodeAcknowledgements(bytes) { return }
            encodeText(bytes)
        }
    }

    mutating func encodeText(_ text: UnsafeRawBufferPointer) {
        columns[.extraLength].varint(UInt64(text.count) + ExtrasCode.text)
        columns[.extra].append(text)
    }

    /// The list of a put, as its difference from what is expected. False when the text is anything else, and then nothing is coded.
    private mutating func encodeItems(_ text: UnsafeRawBufferPointer, _ event: Event, _ history: History) -> Bool {
        guard let list = itemList(text), items.take(list.count),
            items.expect(history.ids(of: event), own: event.value, strings)
        else { return false }
        var (removed, added) = ([Int](), [UInt32]())
        var (place, hasOwn) = (0, false)
        let expected = items.expected
        for item in list {
            if item.identifier == event.value {
                hasOwn = true
                continue
            }
            while place < expected.count, expected[place].precedes(item, strings) {
                removed.append(place)
                place += 1
            }
            if place < expected.count, expected[place].identifier == item.identifier {
                place += 1
            } else {
                added.append(item.identifier)
            }
        }
        removed.append(contentsOf: place..<expected.count)
        columns[.extraLength].varint(ExtrasCode.items)
        columns[.item].varint(removed.count << 1 | (hasOwn ? 1 : 0))
        var next = 0
        for place in removed {
            columns[.item].varint(place - next)
            next = place + 1
        }
        columns[.item].varint(added.count)
        for identifier in added { encodeLooseID(identifier) }
        items.note(list, of: event.value)
        return true
    }

    /// The items of `"items":["0-1","3-7"]`, in ascending order; nil when the text is anything else.
    private mutating func itemList(_ text: UnsafeRawBufferPointer) -> ContiguousArray<ItemLists.Item>? {
        var scanner = TextScanner(text)
        guard scanner.take(ExtrasText.itemsStart) else { return nil }
        var list = ContiguousArray<ItemLists.Item>()
        if !scanner.take("]") {
            repeat {
                guard scanner.take("\""), let word = scanner.word(upTo: UInt8(ascii: "\""), or: UInt8(ascii: "\"")),
                    scanner.take("\"")
                else { return nil }
                let item = ItemLists.Item(strings.intern(utf8: word), strings)
                if let last = list.last, !last.precedes(item, strings) { return nil }
                list.append(item)
            } while scanner.take(",")
            guard scanner.take("]") else { return nil }
        }
        return scanner.isAtEnd ? list : nil
    }

    /// `"w":2,"acks":1,"puts":"0-1 3-7"`, or the same without `w`, which is a member that the form knows.
    private mutating func encodeAcknowledgements(_ text: UnsafeRawBufferPointer) -> Bool {
        var scanner = TextScanner(text)
        var w: UInt64 = 0
        if scanner.take(ExtrasText.w) {
            guard let number = scanner.number(), scanner.take(",") else { return false }
            w = number + 1
        }
        guard scanner.take(ExtrasText.acknowledgements), let acknowledgements = scanner.number(),
            scanner.take(ExtrasText.puts)
        else { return false }
        var puts: [UInt32] = []
        if !scanner.take("\"") {
            repeat {
                guard let word = scanner.word(upTo: UInt8(ascii: "\""), or: UInt8(ascii: " ")) else { return false }
                puts.append(strings.intern(utf8: word))
            } while scanner.take(" ")
            guard scanner.take("\"") else { return false }
            // One put without a name is spelled as no put at all.
            if puts.count == 1, strings[puts[0]].isEmpty { return false }
        }
        guard scanner.isAtEnd, items.take(puts.count) else { return false }
        columns[.extraLength].varint(ExtrasCode.acknowledgements)
        columns[.item].varint(w)
        columns[.item].varint(acknowledgements)
        columns[.item].varint(puts.count)
        for put in puts { encodeLooseID(put) }
        return true
    }
}

extension Event {
    /// Whether its extras may be coded as a list of items.
    var mayNameItems: Bool { function.isWrite && type == .invoke && value != Interner.none }
}
