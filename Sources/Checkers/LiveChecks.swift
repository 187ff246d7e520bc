import History

/// A violation that is certain before its history is complete: no event that could still come would excuse it.
public struct LiveViolation: Sendable, Hashable {
    /// What the checkers will call it, as far as that is known: a `phantom-value` becomes a `future-read` or a `wrong-key`
    /// should somebody write the id yet, and a `duplicate-dot` a `dot-reused-after-delete` should a delete follow.
    public var type: AnomalyType
    public var key: String?
    public var value: String?
    public var other: String?
    public var node: String?
    /// Index of the event that showed it.
    public var event: Int
    /// One sentence for a person.
    public var message: String
}

/// Looks at the events of a history while it grows, for violations that are certain already.
///
/// Which those are, and why the others have to wait for the end, is in the page *Streaming*. What is found here is found
/// again by ``check(_:checkers:maxAnomalies:)`` on the whole, of which this says nothing else: finding nothing is no verdict.
///
/// The time that an event takes does not grow with the history, but for the walks back through the causal order, which
/// are given up after ``searchLimit`` steps: what they would have found is left to the final check.
public struct LiveChecks: Sendable {
    private static let searchLimit = 4096

    private var strings = Interner()
    private var events = 0
    private var isFinal = false
    private var healed: Int64?
    private var convergeWithin: Int64?
    private var hasConverged = false
    private var writes = LiveWrites()
    /// The write that each client process has in flight.
    private var inFlight: [Int64: Int32] = [:]
    /// The id that was first shown with each dot of each key.
    private var dots: [LiveDot: UInt32] = [:]
    /// The first final root of each range: its hash.
    private var roots: [UInt32: UInt32] = [:]
    private var known: Set<Identity> = []
    private var found: [LiveViolation] = []

    /// What makes two violations the same.
    private struct Identity: Hashable {
        var type: AnomalyType
        var strings: [String?]
    }

    private struct LiveDot: Hashable {
        var key: UInt32
        var actor: UInt32
        var counter: UInt64
    }

    public init(header: Header) { convergeWithin = header.convergeWithin }

    /// Events taken so far.
    public var eventCount: Int { events }

    /// Takes the next events of the history, and gives the violations that they make certain, each once.
    public mutating func take(_ part: History) -> [LiveViolation] {
        found = []
        for position in part.events.indices {
            take(part.events[position], part)
            events += 1
        }
        return found
    }

    private mutating func take(_ event: Event, _ part: History) {
        switch (event.function, event.type) {
        case (.put, .invoke), (.delete, .invoke): beginWrite(event, part)
        case (.put, _), (.delete, _): endWrite(event, part)
        case (.get, .ok): checkRead(event, part)
        case (.replica, _): learnDots(of: event, part)
        case (.root, _): checkRoot(event, part)
        case (.hints, _): checkHints(event, part)
        case (.phase, _): enter(part.string(event.value), at: event.time)
        case (.converged, _):
            if let healed, convergeWithin.map({ event.time - healed <= $0 }) ?? true { hasConverged = true }
        default: break
        }
        checkConvergence(event)
    }

    private mutating func report(
        _ type: AnomalyType, key: String? = nil, value: String? = nil, other: String? = nil, node: String? = nil,
        _ message: String
    ) {
        guard known.insert(Identity(type: type, strings: [key, value, other, node])).inserted else { return }
        found.append(
            LiveViolation(
                type: type, key: key, value: value, other: other, node: node, event: events, message: message))
    }

    private mutating func identifier(_ string: UInt32, _ part: History) -> UInt32 {
        string == Interner.none ? string : part.strings.withUTF8(of: string) { strings.intern(utf8: $0) }
    }
}

/// Clients.
extension LiveChecks {
    private mutating func beginWrite(_ event: Event, _ part: History) {
        let id = identifier(event.value, part), key = identifier(event.key, part)
        guard id != Interner.none else { return }
        var seen: [UInt32] = []
        for parent in part.ids(of: event) { seen.append(identifier(parent, part)) }
        inFlight[event.process.rawValue] = writes.add(id, key: key, seen: seen)
    }

    private mutating func endWrite(_ event: Event, _ part: History) {
        guard let write = inFlight.removeValue(forKey: event.process.rawValue) else { return }
        if event.type == .fail {
            writes.fail(write)
            if writes.wasRead(write) { reportFailed(write) }
        }
        for version in part.versions(of: event) { learnDot(version, of: write, part) }
    }

    private mutating func checkRead(_ event: Event, _ part: History) {
        let key = identifier(event.key, part)
        var members: [Int32] = []
        for version in part.versions(of: event) where version.id != Interner.none {
            let id = identifier(version.id, part)
            guard let write = writes.number(of: id) else {
                report(
                    .phantomValue, key: strings[key], value: strings[id],
                    "A get of \(strings[key]) returned \(strings[id]), which nobody had written.")
                continue
            }
            guard writes.key(write) == key else {
                report(
                    .wrongKey, key: strings[key], value: strings[id],
                    "A get of \(strings[key]) returned \(strings[id]), which was written to \(strings[writes.key(write)])."
                )
                continue
            }
            writes.noteRead(write)
            if writes.hasFailed(write) { reportFailed(write) }
            learnDot(version, of: write, part)
            if !members.contains(write) { members.append(write) }
        }
        guard members.count > 1 else { return }
        for (stale, newer) in writes.stalePairs(among: members, limit: LiveChecks.searchLimit) {
            let (value, other) = (strings[writes.id(stale)], strings[writes.id(newer)])
            report(
                .staleSibling, key: strings[key], value: value, other: other,
                "A get of \(strings[key]) returned \(value) beside \(other), which had replaced it.")
        }
    }

    private mutating func reportFailed(_ write: Int32) {
        let (key, id) = (strings[writes.key(write)], strings[writes.id(write)])
        report(
            .failedWriteVisible, key: key, value: id,
            "A get of \(key) returned \(id), whose write was reported to have failed without effect.")
    }

    private mutating func learnDots(of event: Event, _ part: History) {
        let key = identifier(event.key, part)
        for version in part.versions(of: event) where version.id != Interner.none {
            guard let write = writes.number(of: identifier(version.id, part)), writes.key(write) == key else {
                continue
            }
            learnDot(version, of: write, part)
        }
    }

    private mutating func learnDot(_ version: Version, of write: Int32, _ part: History) {
        guard version.hasDot else { return }
        let (key, id) = (writes.key(write), writes.id(write))
        let dot = LiveDot(key: key, actor: identifier(version.actor, part), counter: version.counter)
        guard let first = dots[dot] else {
            dots[dot] = id
            return
        }
        if first == id { return }
        let names = [strings[first], strings[id]].sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        report(
            .duplicateDot, key: strings[key], value: names[0], other: names[1],
            "Dot (\(strings[dot.actor]), \(dot.counter)) on \(strings[key]) was given to \(names[0]) and to \(names[1])."
        )
    }
}

/// Observers and phases.
extension LiveChecks {
    private mutating func enter(_ phase: String, at time: Int64) {
        if phase == "final" { isFinal = true }
        if phase == "heal", healed == nil { healed = time }
    }

    private mutating func checkRoot(_ event: Event, _ part: History) {
        guard isFinal else { return }
        let range = identifier(event.value, part), hash = identifier(event.hash, part)
        guard let first = roots[range] else {
            roots[range] = hash
            return
        }
        if first != hash {
            report(.rootMismatch, key: strings[range], "The final Merkle roots of range \(strings[range]) differ.")
        }
    }

    private mutating func checkHints(_ event: Event, _ part: History) {
        guard isFinal, event.number > 0 else { return }
        let node = part.string(event.node)
        report(.undeliveredHint, node: node, "At the end \(node) still holds hinted versions for other nodes.")
    }

    /// Time only goes forward: once the limit has passed, no `converged` can come within it.
    private mutating func checkConvergence(_ event: Event) {
        guard let healed, let convergeWithin, !hasConverged, event.time - healed > convergeWithin else { return }
        report(.notConverged, "The replicas did not agree within \(Narrator.seconds(convergeWithin)) after the heal.")
    }
}
