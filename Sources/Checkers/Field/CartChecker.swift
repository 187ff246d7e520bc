import History

/// The shopping cart of the Dynamo paper: an acknowledged addition is never lost, a removal may come back (page *Cart*).
struct CartChecker {
    private let subject: Subject
    private var coverage: Coverage
    private var tally: Tally
    /// By write: the items of the cart that it put; nil where the history does not say.
    private var items: ContiguousArray<Set<String>?>

    /// What the carts of some keys gave.
    struct Tally {
        fileprivate var judged = 0
        fileprivate var resurfaced = 0
        fileprivate var additions = 0
        /// Whether some put says which items it puts.
        fileprivate var saysItems = false
        /// By the first event of their key, and there by their get.
        fileprivate var found: AnomalyList
    }

    /// What happened to an item of a key.
    private struct Item {
        var addition: Int32 = -1
        var removals: [Int32] = []
    }

    static func survey(_ subject: Subject, limit: Int) -> Tally {
        var checker = CartChecker(subject, limit)
        for position in subject.keyEvents.keys.indices {
            checker.check(key: subject.keyEvents.events(at: position))
        }
        return checker.tally
    }

    private init(_ subject: Subject, _ limit: Int) {
        self.subject = subject
        tally = Tally(found: AnomalyList(limit: limit))
        coverage = Coverage(subject: subject)
        items = ContiguousArray(
            subject.writes.writes.map { write in
                if write.isDelete { return [] }
                let names = subject.extra("items", write.invocation)?.elements
                return names.map { Set($0.compactMap(\.name)) }
            })
        tally.saysItems = items.contains { $0?.isEmpty == false }
    }

    private mutating func check(key events: ContiguousArray<Int32>.SubSequence) {
        coverage.begin(key: events)
        tally.found.place = events.first.map(subject.place) ?? 0
        let (cart, deletes) = collect(events)
        guard !cart.isEmpty else { return }
        let names = cart.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var known: Set<String> = []
        for index in events {
            let event = subject.event(index)
            let invocation = subject.partner[Int(index)]
            guard subject.isOkGet(event), invocation > subject.finalStart else { continue }
            coverage.load(index)
            var visible: Set<String> = []
            for write in coverage.content.buffer { visible.formUnion(items[Int(write)] ?? []) }
            for name in names {
                guard let item = cart[name] else { continue }
                judge(name, item, deletes, visible.contains(name), index, invocation, &known)
            }
        }
    }

    /// The items ever put into the cart of a key, and the key's deletes that may have happened.
    private mutating func collect(
        _ events: ContiguousArray<Int32>.SubSequence
    ) -> (cart: [String: Item], deletes: [Int32]) {
        var cart: [String: Item] = [:]
        var deletes: [Int32] = []
        for index in events {
            let event = subject.event(index)
            guard event.type == .invoke, event.function.isWrite else { continue }
            let number = subject.writes.number(ofID: event.value, key: event.key)
            guard number >= 0, subject.writes.writes[Int(number)].outcome.isPossible else { continue }
            if subject.writes.writes[Int(number)].isDelete { deletes.append(number) }
            guard let content = items[Int(number)] else { continue }
            var seen: Set<String> = []
            for position in subject.writes.seenRange(of: number) {
                seen.formUnion(items[Int(subject.writes.seenWrite(position))] ?? [])
            }
            for name in content.subtracting(seen) where cart[name] == nil { cart[name] = Item(addition: number) }
            for name in seen.subtracting(content) { cart[name, default: Item()].removals.append(number) }
        }
        return (cart, deletes)
    }

    private mutating func judge(
        _ name: String, _ item: Item, _ deletes: [Int32], _ isVisible: Bool, _ index: Int32, _ invocation: Int32,
        _ known: inout Set<String>
    ) {
        guard item.addition >= 0 else { return }
        let addition = subject.writes.writes[Int(item.addition)]
        guard addition.isAcked, addition.completion < invocation else { return }
        tally.judged += 1
        if known.insert("seen " + name).inserted { tally.additions += 1 }
        if isVisible {
            let isRemoved = item.removals.contains {
                let removal = subject.writes.writes[Int($0)]
                return removal.isAcked && removal.completion < invocation
            }
            if isRemoved, known.insert("back " + name).inserted { tally.resurfaced += 1 }
            return
        }
        let isRemoved = item.removals.contains { subject.writes.writes[Int($0)].invocation < index }
        if isRemoved { return }
        for delete in deletes where subject.writes.writes[Int(delete)].invocation < index {
            if coverage.precedes(item.addition, delete) { return }
        }
        guard known.insert("lost " + name).inserted else { return }
        tally.found.report { [subject] in
            let key = subject.history.string(addition.key)
            let id = subject.history.string(addition.id)
            return Anomaly(
                type: .lostItem, key: key, value: name, other: id,
                ops: subject.places([addition.invocation, addition.completion, invocation, index]),
                message:
                    "item \(name), put into \(key) by \(id) and acknowledged at event "
                    + "\(subject.place(addition.completion)), is in no version of the final get at event "
                    + "\(subject.place(index)), and nobody took it out")
        }
    }
}

extension CartChecker.Tally {
    mutating func merge(_ other: Self) {
        judged += other.judged
        resurfaced += other.resurfaced
        additions += other.additions
        saysItems = saysItems || other.saysItems
        found.merge(other.found)
    }

    func conclude() -> CheckerResult {
        var result = CheckerResult(validity: .valid, found)
        result.figures = [Figure("items_added", additions), Figure("items_resurfaced", resurfaced)]
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if !saysItems {
            (result.validity, result.reason) = (.unknown, "No put says which items it puts (merge: cart).")
        } else if judged == 0 {
            (result.validity, result.reason) = (.unknown, "No final get followed an acknowledged addition.")
        }
        return result
    }
}
