/// Turns some events of a history into the payload of a block: see "The payload of a block" in Format.md.
///
/// One value serves all blocks of a file and keeps its memory between them.
struct BlockEncoder {
    let columns = ColumnSet()
    private var nodes = LocalTable()
    private var keys = LocalTable()
    private var ids = LocalTable()
    private var texts = LocalTable()
    private var shapes = LocalTable()
    private var processes = ProcessNumbers()
    private var lasts = UncheckedArray<LastOfProcess>()
    private var recent = RecentIDs(rows: 0)
    private var known = KnownVectors(rows: 0, nodes: 0)
    /// The version that last showed each id anew, by its position in the history.
    private var shown = UncheckedArray<Int>()
    private var lists = RecentLists()
    /// The actors of the clock at hand, by their numbers in the block.
    private var actors = UncheckedArray<Int>()
    private var unit: Int64 = 1
    var items = ItemLists()
    /// The strings of the history, and those that are only in extras.
    var strings = Interner()

    /// The payload of the events in `range`, which must not go beyond the limits of a block.
    mutating func encode(_ history: History, _ range: Range<Int>) -> [UInt8] {
        reset()
        collect(history, range)
        recent = RecentIDs(rows: keys.count + 1)
        known = KnownVectors(rows: keys.count + 1, nodes: nodes.count)
        lists.reset(rows: keys.count + 1)
        items.reset()
        strings = history.strings
        unit = BlockEncoder.unit(of: history, range)
        var time = history.events[range.lowerBound].time
        for index in range {
            columns[.time].zigzag((history.events[index].time &- time) / unit)
            time = history.events[index].time
            encode(index, history)
        }
        columns[.nodeTable] = DictionaryEncoder.column(nodes, history.strings)
        columns[.keyTable] = DictionaryEncoder.column(keys, history.strings)
        columns[.idTable] = DictionaryEncoder.column(ids, strings)
        columns[.textTable] = DictionaryEncoder.column(texts, history.strings)
        strings = Interner()
        return columns.payload(unit: unit)
    }

    /// Which keys the events that were encoded last have.
    func keyFilter(_ strings: Interner) -> KeyFilter {
        var filter = KeyFilter(keys: keys.count)
        for key in keys.identifiers.buffer { strings.withUTF8(of: key) { filter.insert($0) } }
        return filter
    }

    private mutating func reset() {
        columns.reset()
        nodes.reset()
        keys.reset()
        ids.reset()
        texts.reset()
        shapes.reset()
        processes.reset()
        lasts.removeAll()
        shown.removeAll()
    }

    /// The coarsest of the units of time in which all steps from event to event are whole numbers.
    private static func unit(of history: History, _ range: Range<Int>) -> Int64 {
        var unit = NativeLayout.timeUnits[0]
        for index in range.dropFirst() {
            let step = history.events[index].time &- history.events[index - 1].time
            while step % unit != 0, let finer = NativeLayout.timeUnits.first(where: { $0 < unit }) { unit = finer }
            if unit == 1 { break }
        }
        return unit
    }

    /// Finds the keys and the nodes of the block, which must be known before the events are coded.
    private mutating func collect(_ history: History, _ range: Range<Int>) {
        for index in range {
            let event = history.events[index]
            if event.key != Interner.none { _ = keys.insert(event.key) }
            if event.node != Interner.none { _ = nodes.insert(event.node) }
            guard event.hasList else { continue }
            switch event.listKind {
            case .none, .seen: continue
            case .nodes, .groups:
                for node in history.ids(of: event) where node != Interner.none { _ = nodes.insert(node) }
            case .versions, .acknowledgement:
                for position in event.list.range {
                    let version = history.versions[position]
                    if version.hasDot { _ = nodes.insert(version.actor) }
                    for place in version.clock.range { _ = nodes.insert(history.clocks[place].actor) }
                }
            }
        }
        nodes.sort { left, right in history.strings.precedes(left, right) }
    }

    private mutating func encode(_ index: Int, _ history: History) {
        let event = history.events[index]
        let process = number(of: event.process)
        let extras = history.extras.isEmpty ? nil : history.extras[index]
        let shape = shape(of: event, lasts[process], hasExtras: extras != nil)
        columns[.shape].varint(number(of: shape))
        columns[.process].varint(process)
        if event.key != Interner.none {
            if shape.key == .given { columns[.key].varint(keys.number(of: event.key)) }
            lasts[process].key = event.key
        }
        if shape.hasNode { columns[.node].varint(nodes.number(of: event.node)) }
        if shape.hasNumber { columns[.number].zigzag(event.number) }
        let row = event.key == Interner.none ? 0 : keys.number(of: event.key) + 1
        if shape.hasList && event.listKind == .seen { encodeSeen(event, process, row, history) }
        encodeValue(event, shape, process, row)
        if shape.hasHash { columns[.text].varint(texts.number(of: event.hash)) }
        if shape.hasName { columns[.text].varint(texts.number(of: event.name)) }
        if shape.hasList && event.listKind != .seen { encodeList(event, process, row, history) }
        if let extras { encodeExtras(extras, of: event, history) }
    }

    @inline(__always)
    private mutating func number(of process: Process) -> Int {
        let (number, isNew) = processes.insert(process)
        if isNew { describe(process) }
        return number
    }

    private mutating func describe(_ process: Process) {
        lasts.append(LastOfProcess())
        if let name = process.otherName {
            columns[.processes].zigzag(-4 - Int64(texts.number(of: name)))
        } else {
            columns[.processes].zigzag(process.rawValue)
        }
    }

    @inline(__always)
    private mutating func number(of shape: Shape) -> Int {
        let (number, isNew) = shapes.insert(UInt32(shape.kind) << 16 | UInt32(shape.bits))
        if isNew {
            columns[.shapes].varint(shape.kind)
            columns[.shapes].varint(UInt64(shape.bits))
        }
        return number
    }

    @inline(__always)
    private func shape(of event: Event, _ last: LastOfProcess, hasExtras: Bool) -> Shape {
        var shape = Shape(event)
        if event.key != Interner.none { shape.key = event.key == last.key ? .repeated : .given }
        if event.value != Interner.none { shape.value = event.value == last.value ? .repeated : .given }
        shape.hasNode = event.node != Interner.none
        shape.hasNumber = event.number != Event.absent
        shape.hasHash = event.hash != Interner.none
        shape.hasName = event.name != Interner.none
        shape.home = min(event.home, 2)
        shape.hasList = event.carriesList
        shape.hasExtras = hasExtras
        return shape
    }

    private mutating func encodeValue(_ event: Event, _ shape: Shape, _ process: Int, _ row: Int) {
        if event.value == Interner.none { return }
        if shape.value == .given {
            if event.valueIsID {
                lasts[process].id = encodeID(event.value, row)
            } else {
                columns[.text].varint(texts.number(of: event.value))
            }
        }
        lasts[process].value = event.value
    }

    /// Codes an id and gives its number in the id table.
    private mutating func encodeID(_ identifier: UInt32, _ row: Int) -> Int {
        let (number, isNew) = ids.insert(identifier)
        if isNew { shown.append(-1) }
        columns[.id].varint(recent.encode(number, row: row))
        return number
    }

    private mutating func encodeSeen(_ event: Event, _ process: Int, _ row: Int, _ history: History) {
        if let last = lasts[process].list, last.row == row,
            history.ids(of: event).elementsEqual(lists.ids.buffer[last.range])
        {
            columns[.length].varint(ListCode.same)
            return
        }
        columns[.length].varint(UInt64(event.list.count) + ListCode.given)
        for id in history.ids(of: event) { _ = encodeID(id, row) }
    }

    private mutating func encodeList(_ event: Event, _ process: Int, _ row: Int, _ history: History) {
        switch event.listKind {
        case .none, .seen: return
        case .acknowledgement: encodeVersion(Int(event.list.start), lasts[process].id, row, history)
        case .versions:
            encodeVersions(event, row, history)
            lasts[process].list = lists.last(row)
        case .nodes, .groups: encodeNodes(event, history)
        }
    }

    private mutating func encodeVersions(_ event: Event, _ row: Int, _ history: History) {
        if let last = lists.last(row), last.range.count == Int(event.list.count),
            event.list.range.allSatisfy({
                isAsShown($0, lists.ids[last.range.lowerBound + $0 - Int(event.list.start)], history)
            })
        {
            columns[.length].varint(ListCode.same)
            return
        }
        columns[.length].varint(UInt64(event.list.count) + ListCode.given)
        lists.begin()
        for position in event.list.range {
            let version = history.versions[position]
            lists.ids.append(version.id)
            let id = encodeID(version.id, row)
            encodeVersion(position, id, row, history)
        }
        lists.end(row)
    }

    /// Whether a version is that of `id`, and shows what the block last showed for it.
    private mutating func isAsShown(_ position: Int, _ id: UInt32, _ history: History) -> Bool {
        let version = history.versions[position]
        guard version.id == id, history.versionExtras.isEmpty || history.versionExtras[position] == nil else {
            return false
        }
        let number = ids.number(of: id)
        return history.showTheSame(
            version, shown[number] >= 0 ? history.versions[shown[number]] : Version(id: Interner.none))
    }

    private mutating func encodeNodes(_ event: Event, _ history: History) {
        let list = history.ids(of: event)
        let isOpen = event.listKind == .groups && !list.isEmpty && list.last != Interner.none
        columns[.length].varint(list.count + (isOpen ? 1 : 0))
        for node in list { columns[.fault].varint(node == Interner.none ? 0 : nodes.number(of: node) + 1) }
        if isOpen { columns[.fault].varint(0) }
    }

    /// Codes an id that comes up in no event of a key.
    mutating func encodeLooseID(_ identifier: UInt32) { _ = encodeID(identifier, 0) }
}

extension BlockEncoder {
    /// Codes what a version shows for an id of the block, or for none (-1).
    private mutating func encodeVersion(_ position: Int, _ id: Int, _ row: Int, _ history: History) {
        let version = history.versions[position]
        let before = id >= 0 && shown[id] >= 0 ? history.versions[shown[id]] : Version(id: Interner.none)
        let extras = history.versionExtras.isEmpty ? nil : history.versionExtras[position]
        var marks = extras == nil ? 0 : VersionMark.extras
        if !history.showTheSame(version, before) {
            marks |= VersionMark.anew
            if version.hasDot { marks |= VersionMark.dot }
            if version.hasClock { marks |= VersionMark.clock }
            if version.tombstone { marks |= VersionMark.tombstone }
            if id >= 0 { shown[id] = position }
        }
        columns[.version].varint(marks)
        if marks & VersionMark.clock != 0 { encodeClock(version.clock, row, history) }
        if marks & VersionMark.dot != 0 {
            let actor = nodes.number(of: version.actor)
            columns[.dotActor].varint(actor)
            columns[.dotCounter].zigzag(Int64(bitPattern: version.counter &- known[row, actor] &- 1))
            known.raise(row, actor, to: version.counter)
        }
        if var extras { extras.withUTF8 { encodeText(UnsafeRawBufferPointer($0)) } }
    }

    private mutating func encodeClock(_ clock: Slice, _ row: Int, _ history: History) {
        if clock.count == 0 {
            columns[.clock].varint(ClockForm.empty)
            return
        }
        actors.removeAll()
        var (mask, last, isSorted) = (UInt64(0), -1, known.nodes > 0)
        for place in clock.range {
            let actor = nodes.number(of: history.clocks[place].actor)
            actors.append(actor)
            if actor <= last { isSorted = false }
            last = actor
            if isSorted { mask |= 1 << UInt64(actor) }
        }
        if isSorted { encodeSorted(clock, mask, row, history) } else { encodeSpelled(clock, history) }
        for (actor, place) in zip(actors.buffer, clock.range) {
            known.raise(row, actor, to: history.clocks[place].counter)
        }
    }

    private mutating func encodeSorted(_ clock: Slice, _ mask: UInt64, _ row: Int, _ history: History) {
        var differs = false
        for actor in 0..<known.nodes where (known[row, actor] > 0) != (mask & 1 << UInt64(actor) != 0) {
            differs = true
        }
        for (actor, place) in zip(actors.buffer, clock.range) where known[row, actor] != history.clocks[place].counter {
            differs = true
        }
        if !differs {
            columns[.clock].varint(ClockForm.known)
            return
        }
        columns[.clock].varint(ClockForm.part)
        columns[.clock].varint(mask)
        for (actor, place) in zip(actors.buffer, clock.range) {
            columns[.clockNumber].zigzag(Int64(bitPattern: history.clocks[place].counter &- known[row, actor]))
        }
    }

    private mutating func encodeSpelled(_ clock: Slice, _ history: History) {
        columns[.clock].varint(ClockForm.spelled)
        columns[.clock].varint(UInt64(clock.count))
        for (actor, place) in zip(actors.buffer, clock.range) {
            columns[.clockNumber].varint(actor)
            columns[.clockNumber].varint(history.clocks[place].counter)
        }
    }
}

/// What an event may repeat of the events of its process before it in the block.
struct LastOfProcess {
    var key = Interner.none
    var value = Interner.none
    /// The last value that was coded as an id, by its number in the block's id table; -1 for none.
    var id = -1
    /// The last list of versions that it got.
    var list: RecentLists.List?
}

extension Event {
    /// Whether it has a list that the form gives it.
    var carriesList: Bool {
        guard hasList else { return false }
        switch listKind {
        case .none: return false
        case .acknowledgement: return list.count > 0
        case .versions, .seen, .nodes, .groups: return true
        }
    }
}

extension History {
    /// Whether two versions show the same dot, clock and tombstone.
    func showTheSame(_ left: Version, _ right: Version) -> Bool {
        guard left.actor == right.actor, left.counter == right.counter || !left.hasDot,
            left.tombstone == right.tombstone,
            left.hasClock == right.hasClock
        else { return false }
        return left.clock == right.clock || clock(of: left).elementsEqual(clock(of: right))
    }
}

extension Interner {
    /// Whether the UTF-8 of one string sorts before that of another.
    func precedes(_ left: UInt32, _ right: UInt32) -> Bool {
        withUTF8(of: left) { one in withUTF8(of: right) { other in one.lexicographicallyPrecedes(other) } }
    }
}
