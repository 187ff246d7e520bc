import History

/// The shopping cart of the Dynamo paper: an acknowledged addition is never lost, a removal may come back (page *Cart*).
struct CartChecker {
    private let subject: Subject
    private let limit: Int
    private var coverage: Coverage
    private var result = CheckerResult(validity: .valid)
    /// By write: the items of the cart that it put; nil where the history does not say.
    private var items: ContiguousArray<Set<String>?>
    private var judged = 0
    private var resurfaced = 0
    private var additions = 0

    /// What happened to an item of a key.
    private struct Item {
        var addition: Int32 = -1
        var removals: [Int32] = []
    }

    static func check(_ subject: Subject, limit: Int) -> CheckerResult {
        var checker = CartChecker(subject, limit)
        for position in subject.keyEvents.keys.indices {
            checker.check(key: subject.keyEvents.events(at: position))
        }
        return checker.conclude()
    }

    private init(_ subject: Subject, _ limit: Int) {
        self.subject = subject
        self.limit = limit
        coverage = Coverage(subject: subject)
        items = ContiguousArray(
            subject.writes.writes.map { write in
                if write.isDelete { return [] }
                let names = subject.extra("items", write.invocation)?.elements
                return names.map { Set($0.compactMap(\.name)) }
            })
    }

    private mutating func check(key events: ContiguousArray<Int32>.SubSequence) {
        coverage.begin(key: events)
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
        judged += 1
        if known.insert("seen " + name).inserted { additions += 1 }
        if isVisible {
            let isRemoved = item.removals.contains {
                let removal = subject.writes.writes[Int($0)]
                return removal.isAcked && removal.completion < invocation
            }
            if isRemoved, known.insert("back " + name).inserted { resurfaced += 1 }
            return
        }
        let isRemoved = item.removals.contains { subject.writes.writes[Int($0)].invocation < index }
        if isRemoved { return }
        for delete in deletes where subject.writes.writes[Int(delete)].invocation < index {
            if coverage.precedes(item.addition, delete) { return }
        }
        guard known.insert("lost " + name).inserted else { return }
        result.anomalyCount += 1
        guard result.anomalies.count < limit else { return }
        let key = subject.history.string(addition.key)
        let id = subject.history.string(addition.id)
        result.anomalies.append(
            Anomaly(
                type: .lostItem, key: key, value: name, other: id,
                ops: [addition.invocation, addition.completion, invocation, index].map(Int.init).sorted(),
                message:
                    "item \(name), put into \(key) by \(id) and acknowledged at event \(addition.completion), is in no "
                    + "version of the final get at event \(index), and nobody took it out"))
    }

    private mutating func conclude() -> CheckerResult {
        result.figures = [Figure("items_added", additions), Figure("items_resurfaced", resurfaced)]
        if result.anomalyCount > 0 {
            result.validity = .invalid
        } else if items.allSatisfy({ $0 == nil || $0 == [] }) {
            (result.validity, result.reason) = (.unknown, "No put says which items it puts (merge: cart).")
        } else if judged == 0 {
            (result.validity, result.reason) = (.unknown, "No final get followed an acknowledged addition.")
        }
        return result
    }
}
