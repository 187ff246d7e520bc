import Causality
import Dynamo
import Foundation
import History
import Workload

/// The history of a simulated run while it grows, and how what the core speaks of is told in it.
struct SimulatedRecord {
    private(set) var history = History()
    private var actors: [Actor: String] = [:]

    /// Header members of ours, as `dyno run` writes them.
    private struct Extras: Encodable {
        var store = "dynamo, simulated"
        var workload: String
        var seed: UInt64
        var flaw: String?
        var checkers: [String]
        var require: [String: Int]
    }

    init(_ settings: SimulatedRun.Settings) {
        let workload = settings.workload
        history.header.name = workload.name
        history.header.nodes = workload.store.nodeNames
        history.header.n = Int64(workload.store.n)
        history.header.r = Int64(workload.store.r)
        history.header.w = Int64(workload.store.w)
        history.header.convergeWithin = workload.convergeWithin.wholeNanoseconds
        let floors = workload.require.map { ($0.requirement.rawValue, $0.minimum) }
        history.header.extras = Self.members(
            Extras(
                workload: workload.name, seed: settings.seed, flaw: settings.flaw?.rawValue,
                checkers: workload.checkers.map(\.rawValue), require: Dictionary(uniqueKeysWithValues: floors)))
    }

    mutating func add(_ draft: EventDraft, at now: Instant) {
        var draft = draft
        draft.time = now
        history.append(draft)
    }

    /// An event of the controller.
    mutating func phase(_ name: String, at now: Instant) {
        var draft = EventDraft(now, .controller, .info, .phase)
        draft.value = name
        history.append(draft)
    }

    /// An event of the controller that only our own tools know.
    mutating func note(_ name: String, _ value: some Encodable, at now: Instant) {
        var draft = EventDraft(now, .controller, .info, .other)
        draft.name = name
        draft.extras = Self.members(["value": value])
        history.append(draft)
    }

    // MARK: Versions

    mutating func dot(_ dot: Dot) -> DotDraft { DotDraft(actor: name(dot.actor), counter: dot.counter) }

    mutating func clock(_ clock: VersionVector) -> [DotDraft] {
        clock.entries.map { DotDraft(actor: name($0.actor), counter: $0.counter) }
    }

    private mutating func name(_ actor: Actor) -> String {
        if let name = actors[actor] { return name }
        let name = actor.description
        actors[actor] = name
        return name
    }

    /// The members of a value as JSON text without the braces around them.
    private static func members(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "" }
        return String(decoding: data.dropFirst().dropLast(), as: UTF8.self)
    }
}

extension Duration {
    /// Nanoseconds, cut to what an `Int64` holds: 292 years.
    var wholeNanoseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        return overflows ? .max : product &+ attoseconds / 1_000_000_000
    }
}
