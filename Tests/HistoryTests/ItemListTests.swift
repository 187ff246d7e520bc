import History
import Testing

/// Lists of items and acknowledgements in the extras of events: see "Extras" in Format.md.
@Suite struct ItemListTests {
    /// A cart that many clients add to and take from, each put with all that it holds.
    private func carts(_ count: Int, seed: UInt64) -> History {
        var random = SeededGenerator(seed: seed)
        var history = History()
        var carts = [[String]](repeating: [], count: 5)
        var last = [String?](repeating: nil, count: 5)
        for number in 0..<count {
            let cart = random.below(carts.count)
            var draft = EventDraft(Int64(number) * 1000, .client(Int64(number)), .invoke, .put)
            let id = "\(number % 16)-\(number)"
            draft.key = "cart-\(cart)"
            draft.value = id
            if let last = last[cart] { draft.list = .ids([last]) }
            if random.chance(40), !carts[cart].isEmpty {
                carts[cart].remove(at: random.below(carts[cart].count))
            } else {
                carts[cart].append(id)
            }
            carts[cart].sort { $0.utf8.lexicographicallyPrecedes($1.utf8) }
            draft.extras = "\"items\":[" + carts[cart].map { "\"\($0)\"" }.joined(separator: ",") + "]"
            last[cart] = id
            history.append(draft)
        }
        return history
    }

    /// A list costs what it differs in from what was seen, not its length.
    @Test func listsAreCodedAsDifferences() throws {
        let carts = carts(2000, seed: 3)
        var plain = carts
        plain.extras = [:]
        let difference = try native(carts).count - native(plain).count
        #expect(carts.extras.values.reduce(0) { $0 + $1.utf8.count } > 500_000)
        #expect(difference < 3 * 2000)
        #expect(text(try NativeReader.read(try native(carts), file: "h")) == text(carts))
        #expect(text(try NativeReader.read(try native(carts, part: 13), file: "h")) == text(carts))
    }

    @Test func acknowledgementsAreCodedByTheirIDs() throws {
        var (history, plain) = (carts(600, seed: 4), carts(600, seed: 4))
        for start in stride(from: 0, to: 600, by: 20) {
            var draft = EventDraft(1_000_000, .controller, .info, .other)
            draft.name = "acks"
            plain.append(draft)
            let puts = (start..<start + 20).map { "\($0 % 16)-\($0)" }
            draft.extras = "\"w\":2,\"acks\":1,\"puts\":\"\(puts.joined(separator: " "))\""
            history.append(draft)
        }
        #expect(text(try NativeReader.read(try native(history), file: "h")) == text(history))
        #expect(try native(history).count - native(plain).count < 1500)
    }
}
