/// The items of a shopping cart, as `merge: cart` writes them.
struct Cart: Sendable, Hashable {
    /// A cart with this many items is only taken from, so that hot carts stay small.
    static let full = 16

    private(set) var items: Set<String> = []

    /// What a reader of several siblings makes of them: everything that is in one of them. An item added on one side of a network
    /// partition is kept; one removed on only one side comes back, as in the Dynamo paper.
    static func union(of payloads: some Sequence<[UInt8]>) -> Cart {
        var cart = Cart()
        for payload in payloads { cart.items.formUnion(ValueForm.items(of: payload)) }
        return cart
    }

    /// In an order that is the same in every run.
    var sortedItems: [String] { items.sorted() }

    /// Takes an item out, one time in four, or always when the cart is full; else puts `item` in. Takes exactly two numbers from
    /// `random`.
    mutating func change(adding item: String, _ random: inout SeededRandom) {
        let removes = random.below(4) == 0
        let position = random.below(max(1, items.count))
        if !items.isEmpty, removes || items.count >= Self.full {
            items.remove(sortedItems[position])
        } else {
            items.insert(item)
        }
    }
}
