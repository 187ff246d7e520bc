/// About how many bytes the events of a history take in memory, with what checkers make of them.
package struct EventWeights: Sendable {
    package var event = 0
    package var write = 0
    /// Of each version or id in the list of an event.
    package var listed = 0
    /// Of members that the form does not know: for each event with some, and for each of their bytes.
    package var extras = 0
    package var extrasByte = 0

    package init() {}
}

/// What a history has of which keys, counted as its events pass by.
package struct HistoryCensus: Sendable {
    /// What is counted of some events.
    struct Count: Sendable {
        /// Estimated bytes.
        var weight = 0
        var events = 0
        var versions = 0
        var ids = 0

        static func += (left: inout Count, right: Count) {
            left.weight += right.weight
            left.events += right.events
            left.versions += right.versions
            left.ids += right.ids
        }
    }

    private let weights: EventWeights
    private var router: KeyRouter
    /// By bucket, the last one being that of operations without a key.
    private var counts = ContiguousArray<Count>(repeating: Count(), count: KeyBuckets.count + 1)
    private var common = Count()
    private var isProcessKnown = ProcessTable<Bool>(default: false)
    /// How many clients' operations there are of each name that the contract has none for.
    package private(set) var foreignOperations: [String: Int] = [:]
    /// Whether there are clients' operations of the contract.
    package private(set) var hasOwnOperations = false
    /// How many puts and deletes there are.
    package private(set) var writes = 0
    /// How many client processes there are.
    package private(set) var processes = 0
    /// Estimated bytes of the whole.
    package private(set) var weight = 0

    init(_ weights: EventWeights, together: Togetherness) {
        self.weights = weights
        router = KeyRouter(together)
    }

    mutating func add(_ block: History) {
        router.begin(block)
        var named = ContiguousArray<Int32>(repeating: 0, count: block.strings.count)
        for index in block.events.indices {
            let event = block.events[index]
            let route = router.route(event, block.strings)
            if route.bucket == KeyRouter.Route.nowhere.bucket || route.isMention { continue }
            if event.process.isClient, event.type == .invoke { note(event, &named) }
            let count = count(of: event, extras: block.extras.isEmpty ? nil : block.extras[index])
            weight += count.weight
            if route.bucket < 0 { common += count } else { counts[route.bucket] += count }
            if route.other >= 0 { counts[route.other] += count }
        }
        for name in named.indices where named[name] > 0 {
            foreignOperations[block.strings[UInt32(name)], default: 0] += Int(named[name])
        }
    }

    private mutating func note(_ event: Event, _ named: inout ContiguousArray<Int32>) {
        if event.function == .other { named[Int(event.name)] += 1 } else { hasOwnOperations = true }
        if event.function.isWrite { writes += 1 }
        if !isProcessKnown[event.process.rawValue] {
            isProcessKnown[event.process.rawValue] = true
            processes += 1
        }
    }

    private func count(of event: Event, extras: String?) -> Count {
        var count = Count(weight: weights.event, events: 1)
        if event.type == .invoke, event.function.isWrite { count.weight += weights.write }
        if event.hasList {
            if event.listKind.isVersions {
                count.versions = Int(event.list.count)
            } else {
                count.ids = Int(event.list.count)
            }
            count.weight += Int(event.list.count) * weights.listed
        }
        if let extras { count.weight += weights.extras + extras.utf8.count * weights.extrasByte }
        return count
    }
}

/// Keys that are looked at together.
package struct KeyGroup: Sendable {
    /// By bucket: whether its keys are among these.
    private(set) var isWanted: ContiguousArray<Bool>
    /// What there will be, the events that concern every key included.
    private(set) var count: HistoryCensus.Count
    /// Whether these are the operations without a key, and no others.
    package private(set) var isKeyless = false

    /// About how many bytes it takes.
    package var weight: Int { count.weight }

    /// All keys.
    static let all = KeyGroup(
        isWanted: ContiguousArray(repeating: true, count: KeyBuckets.count + 1), count: HistoryCensus.Count())

    /// The same, where there are no other keys.
    var unfiltered: KeyGroup {
        var result = self
        result.isWanted = KeyGroup.all.isWanted
        return result
    }

    fileprivate init(isWanted: ContiguousArray<Bool>, count: HistoryCensus.Count) {
        self.isWanted = isWanted
        self.count = count
    }

    fileprivate init(common: HistoryCensus.Count) {
        self.init(isWanted: ContiguousArray(repeating: false, count: KeyBuckets.count + 1), count: common)
    }

    fileprivate mutating func insert(_ bucket: Int, _ added: HistoryCensus.Count) {
        isWanted[bucket] = true
        isKeyless = bucket == KeyBuckets.keyless
        count += added
    }
}

extension HistoryCensus {
    /// All keys in groups that take no more than `limit` bytes each, as far as single buckets do not; at least one group.
    package func groups(limit: Int) -> [KeyGroup] {
        var groups: [KeyGroup] = []
        var next = KeyGroup(common: common)
        var isEmpty = true
        for bucket in counts.indices where counts[bucket].events > 0 {
            // What has no key is a group of its own, so that an error can name it.
            if !isEmpty, next.weight + counts[bucket].weight > limit || bucket == KeyBuckets.keyless {
                groups.append(next)
                next = KeyGroup(common: common)
            }
            next.insert(bucket, counts[bucket])
            isEmpty = false
        }
        groups.append(next)
        return groups
    }
}
