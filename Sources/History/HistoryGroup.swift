/// The events of some keys, and those that concern every key, in their order: a small history of a large one.
///
/// It holds what the field's checkers look at: names and members that the form does not know are kept, the dots and clocks of
/// versions are not. Of the events that are no client's and concern no more than a key, only one that names the key first is.
package struct HistoryGroup: Sendable {
    package fileprivate(set) var history = History()
    /// For each event its index in the whole history.
    package fileprivate(set) var indexes = ContiguousArray<Int32>()

    /// Reads the events of some keys.
    package static func read(
        _ source: BlockSource, _ keys: KeyGroup, together: Togetherness
    ) throws(HistoryError) -> HistoryGroup {
        var builder = GroupBuilder(keys, together: together)
        try source.forEachBlock { (block, firstIndex) throws(HistoryError) in builder.add(block, firstIndex) }
        return builder.group
    }

    /// Reads the events of some keys from a file that holds no others, and their indexes with them.
    static func readBack(
        _ source: BlockSource, _ keys: KeyGroup, together: Togetherness
    ) throws(HistoryError) -> HistoryGroup {
        var builder = GroupBuilder(keys.unfiltered, together: together)
        try source.forEachBlock { (block, _) throws(HistoryError) in builder.add(block, nil) }
        return builder.group
    }

    /// Reads the events of all keys, unless they take more than `memory` bytes, and counts what there is of which keys.
    package static func readAll(
        _ source: BlockSource, _ weights: EventWeights, together: Togetherness, memory: Int
    ) throws(HistoryError) -> (census: HistoryCensus, group: HistoryGroup?) {
        var census = HistoryCensus(weights, together: together)
        var builder: GroupBuilder? = GroupBuilder(.all, together: together)
        let total = try source.eventEstimate()
        try source.forEachBlock { (block, firstIndex) throws(HistoryError) in
            census.add(block)
            // If what is to come is like what was, which most often tells soon: by half as much again too much to try on.
            let expected = Double(census.weight) / Double(firstIndex + block.events.count) * Double(total)
            if census.weight > memory || expected > Double(memory) * 1.5 { builder = nil }
            builder?.add(block, firstIndex)
        }
        return (census, builder?.group)
    }
}

/// Takes the events of some keys out of the blocks of a history.
struct GroupBuilder {
    private let isWanted: ContiguousArray<Bool>
    private(set) var group = HistoryGroup()
    private var router: KeyRouter
    /// Strings of the block and their stems, in the group; ``Interner/none``: not yet met.
    private var names = UncheckedArray<UInt32>()
    private var stems = UncheckedArray<UInt32>()
    /// By string of the group: whether an event has it for its key.
    private var isKey = ContiguousArray<Bool>()

    /// - Parameter reserves: whether to take memory for all events that there will be.
    init(_ keys: KeyGroup, together: Togetherness, reserves: Bool = true) {
        isWanted = keys.isWanted
        router = KeyRouter(together)
        guard reserves else { return }
        group.history.events.reserveCapacity(keys.count.events)
        group.indexes.reserveCapacity(keys.count.events)
        group.history.versions.reserveCapacity(keys.count.versions)
        group.history.ids.reserveCapacity(keys.count.ids)
    }

    /// The events so far, each with its index for its number; they are forgotten.
    mutating func takeIndexed() -> History {
        var history = History()
        history.header = group.history.header
        swap(&history, &group.history)
        for position in history.events.indices { history.events[position].number = Int64(group.indexes[position]) }
        group.indexes.removeAll(keepingCapacity: true)
        isKey.removeAll(keepingCapacity: true)
        return history
    }

    /// Takes the events of the group from a block.
    ///
    /// - Parameter firstIndex: the index of the block's first event in the whole history; nil: each event has its index for its
    ///   number.
    mutating func add(_ block: History, _ firstIndex: Int?) {
        begin(block)
        router.begin(block)
        for position in block.events.indices {
            let event = block.events[position]
            let route = router.route(event, block.strings)
            guard isKept(route) else { continue }
            let index = firstIndex.map { $0 + position } ?? Int(truncatingIfNeeded: event.number)
            add(event, route, block, position, index)
        }
    }

    /// Events of another block follow.
    mutating func begin(_ block: History) {
        group.history.header = block.header
        names.removeAll()
        stems.removeAll()
        names.grow(to: block.strings.count, filling: Interner.none)
        stems.grow(to: block.strings.stemCount, filling: Interner.none)
    }

    private func isKept(_ route: KeyRouter.Route) -> Bool {
        if route.bucket < 0 { return route.bucket == KeyRouter.Route.everyKey.bucket }
        return isWanted[route.bucket] || route.other >= 0 && isWanted[route.other]
    }

    /// Takes one event, of which the caller knows that it belongs here.
    mutating func add(_ event: Event, _ route: KeyRouter.Route, _ block: History, _ position: Int, _ index: Int) {
        var event = event
        event.key = name(event.key, block.strings)
        if event.key != Interner.none {
            while isKey.count <= Int(event.key) { isKey.append(false) }
            if isKey[Int(event.key)], route.isMention { return }
            isKey[Int(event.key)] = true
        }
        event.node = name(event.node, block.strings)
        event.value = name(event.value, block.strings)
        event.hash = name(event.hash, block.strings)
        event.name = name(event.name, block.strings)
        if let other = event.process.otherName { event.process = .other(name: name(other, block.strings)) }
        addList(to: &event, block)
        if event.process.isClient, let extras = block.extras.isEmpty ? nil : block.extras[position] {
            group.history.extras[group.history.events.count] = extras
        }
        group.history.events.append(event)
        group.indexes.append(Int32(truncatingIfNeeded: index))
    }

    private mutating func addList(to event: inout Event, _ block: History) {
        let taken = event.list
        event.list = .empty
        guard event.hasList else { return }
        switch event.listKind {
        case .none, .acknowledgement: event.hasList = false
        case .versions:
            // Of what replicas hold nothing is asked.
            guard event.process.isClient else { return }
            event.list = Slice(start: UInt32(truncatingIfNeeded: group.history.versions.count), count: taken.count)
            for version in block.versions[taken.range] {
                var kept = Version(id: name(version.id, block.strings))
                kept.tombstone = version.tombstone
                group.history.versions.append(kept)
            }
        case .seen, .nodes, .groups:
            event.list = Slice(start: UInt32(truncatingIfNeeded: group.history.ids.count), count: taken.count)
            for id in block.ids[taken.range] { group.history.ids.append(name(id, block.strings)) }
        }
    }

    private mutating func name(_ identifier: UInt32, _ strings: Interner) -> UInt32 {
        if identifier == Interner.none { return identifier }
        let known = names[Int(identifier)]
        if known != Interner.none { return known }
        let code = strings.code(of: identifier)
        let stem = Int(truncatingIfNeeded: code >> 32)
        if stems[stem] == Interner.none { stems[stem] = group.history.strings.stem(of: code, in: strings) }
        let name = group.history.strings.intern(code: UInt64(stems[stem]) << 32 | code & 0xFFFF_FFFF)
        names[Int(identifier)] = name
        return name
    }
}

/// The operations of one name that are in flight, as the blocks of a history pass by.
package struct OpenOperations {
    private let name: String
    private var begun = ProcessTable<Int>(default: -1)

    package init(named name: String) { self.name = name }

    /// Calls `body` for each completion in the block of such an operation, with the index of its invocation in the history and
    /// its own position in the block.
    package mutating func forEachEnd(
        _ block: History, _ firstIndex: Int, _ body: (_ invocation: Int, _ position: Int) -> Void
    ) {
        let identifier = block.strings.identifier(of: name)
        for position in block.events.indices {
            let event = block.events[position]
            guard event.process.isClient else { continue }
            let process = event.process.rawValue
            if event.type == .invoke {
                let isSuch = event.function == .other && event.name == identifier
                begun[process] = isSuch ? firstIndex + position : -1
            } else if case let invocation = begun[process], invocation >= 0 {
                begun[process] = -1
                body(invocation, position)
            }
        }
    }
}
