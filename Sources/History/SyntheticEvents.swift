/// Puts the events of a synthetic run into a history, part by part.
struct SyntheticEvents {
    private(set) var part = History()
    private(set) var count = 0
    private let header: Header
    private var keys: [UInt32]
    private var nodes: [UInt32] = []
    private var time: Int64 = 0

    init(header: Header, keys: Int) {
        self.header = header
        self.keys = Array(repeating: Interner.none, count: keys)
        startPart()
    }

    /// Forgets the events so far, and their strings with them: what a part costs does not grow with the run.
    mutating func startPart() {
        part = History()
        part.header = header
        nodes = SyntheticStore.nodes.map { part.strings.intern($0) }
        for key in keys.indices { keys[key] = Interner.none }
    }

    /// An event, `pause` nanoseconds after the last one, that the caller completes and hands to ``add(_:)``.
    mutating func event(_ pause: Int, _ process: Process, _ type: EventType, _ function: Function) -> Event {
        time += Int64(pause)
        return Event(time: time, process: process, type: type, function: function)
    }

    mutating func add(_ event: Event) {
        part.events.append(event)
        count += 1
    }

    mutating func key(_ number: Int) -> UInt32 {
        if keys[number] == Interner.none { keys[number] = part.strings.intern("k\(number)") }
        return keys[number]
    }

    func node(_ number: Int) -> UInt32 { nodes[number] }

    mutating func text(_ text: String) -> UInt32 { part.strings.intern(text) }

    mutating func id(_ id: SyntheticStore.ID) -> UInt32 {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 48) { buffer in
            var start = SyntheticEvents.spell(id.number, before: 48, in: buffer) - 1
            buffer[start] = UInt8(ascii: "-")
            start = SyntheticEvents.spell(id.process, before: start, in: buffer)
            return part.strings.intern(utf8: UnsafeRawBufferPointer(rebasing: UnsafeRawBufferPointer(buffer)[start...]))
        }
    }

    private static func spell(_ number: Int64, before end: Int, in buffer: UnsafeMutableBufferPointer<UInt8>) -> Int {
        var (rest, start) = (number, end)
        repeat {
            start -= 1
            buffer[start] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        } while rest > 0
        return start
    }

    mutating func ids(_ seen: [SyntheticStore.ID], of event: inout Event) {
        event.list = Slice(start: UInt32(part.ids.count), count: UInt32(seen.count))
        event.hasList = true
        for id in seen {
            let identifier = self.id(id)
            part.ids.append(identifier)
        }
    }

    mutating func nodes(_ numbers: [Int], of event: inout Event) {
        event.list = Slice(start: UInt32(part.ids.count), count: UInt32(numbers.count))
        event.hasList = true
        for number in numbers { part.ids.append(nodes[number]) }
    }

    mutating func groups(_ groups: [[Int]], of event: inout Event) {
        let start = part.ids.count
        for group in groups {
            for number in group { part.ids.append(nodes[number]) }
            part.ids.append(Interner.none)
        }
        event.list = Slice(start: UInt32(start), count: UInt32(part.ids.count - start))
        event.hasList = true
    }

    /// Lists versions as a read or a replica shows them.
    mutating func versions(_ versions: [SyntheticStore.Stored], of event: inout Event) {
        let start = part.versions.count
        for stored in versions { show(stored, as: id(stored.id)) }
        event.list = Slice(start: UInt32(start), count: UInt32(part.versions.count - start))
        event.hasList = true
    }

    /// The dot and the clock of an acknowledged write.
    mutating func acknowledge(_ stored: SyntheticStore.Stored, in event: inout Event) {
        event.list = Slice(start: UInt32(part.versions.count), count: 1)
        event.hasList = true
        show(stored, as: Interner.none)
    }

    private mutating func show(_ stored: SyntheticStore.Stored, as identifier: UInt32) {
        var version = Version(id: identifier)
        version.actor = nodes[stored.actor]
        version.counter = UInt64(stored.counter)
        // An acknowledgement says nothing of tombstones.
        version.tombstone = stored.isTombstone && identifier != Interner.none
        let start = part.clocks.count
        for node in nodes.indices where stored.clock[node] > 0 {
            part.clocks.append(ClockEntry(actor: nodes[node], counter: UInt64(stored.clock[node])))
        }
        version.clock = Slice(start: UInt32(start), count: UInt32(part.clocks.count - start))
        version.hasClock = true
        part.versions.append(version)
    }
}
