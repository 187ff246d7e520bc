import Foundation
import History

/// Events of a proof in words: what was done, and what came of it.
struct DiagramWords {
    private let history: History
    /// Ids of a long list that are named.
    private static let shown = 6

    init(_ history: History) { self.history = history }

    func title(of index: Int, _ partner: ContiguousArray<Int32>) -> String {
        let event = history.events[index]
        if event.process.isClient {
            return event.type == .invoke ? invocation(index) : completion(index, invocation: Int(partner[index]))
        }
        switch event.function {
        case .replica:
            return "\(name(event.node)) holds \(versions(event))"
                + (event.home == 2 ? "" : ", not as a home of the key")
        case .hints: return "\(name(event.node)) holds \(event.number == Event.absent ? 0 : event.number) hints"
        case .root: return "\(name(event.node)): root of \(name(event.value)) is \(Visible.short(name(event.hash), 16))"
        case .phase: return "phase \(name(event.value))"
        case .partition:
            let sides = history.ids(of: event).split(separator: Interner.none)
            return "partition " + sides.map { $0.map(name).joined(separator: ",") }.joined(separator: " | ")
        case .kill, .restart, .pause, .resume, .wipe:
            return "\(event.function) " + history.ids(of: event).map(name).joined(separator: ",")
        case .heal: return "partition healed"
        case .converged: return "all replicas agree"
        case .get, .put, .delete: return "\(event.function) \(name(event.key))"
        case .other:
            let names = [event.name, event.key].filter { $0 != Interner.none }.map(name)
            let node = event.node == Interner.none ? [] : [name(event.node)]
            return (names + [FaultWords.of(index, history)] + node).filter { !$0.isEmpty }.joined(separator: " ")
        }
    }

    private func invocation(_ index: Int) -> String {
        let event = history.events[index]
        let via = event.node == Interner.none ? "" : " via \(name(event.node))"
        switch event.function {
        case .get: return "get \(name(event.key))\(via)"
        case .put, .delete:
            let ids = history.ids(of: event)
            let seen = ids.isEmpty ? "blind" : "having seen \(list(ids.map(name)))"
            let target = event.key == Interner.none ? "" : " on \(name(event.key))"
            return "\(event.function) \(name(event.value))\(target)\(via), \(seen)"
        default: return EventWords.plain(index, history) + via
        }
    }

    private func completion(_ index: Int, invocation: Int) -> String {
        let event = history.events[index]
        let written = invocation >= 0 ? history.events[invocation].value : event.value
        switch (event.function, event.type) {
        case (.get, .ok): return "got \(versions(event))"
        case (.put, .ok), (.delete, .ok):
            var text = "\(name(written)) acknowledged"
            guard event.hasList, let version = history.versions(of: event).first else { return text }
            if version.hasDot { text += ", dot \(name(version.actor)):\(version.counter)" }
            if version.hasClock { text += ", clock \(KnownVersions.clock(version, history))" }
            return text
        case (.get, .fail): return "the get failed"
        case (.put, .fail), (.delete, .fail): return "\(name(written)) failed, without effect"
        case (.get, _): return "the get never answered"
        case (.put, _), (.delete, _): return "nobody knows whether \(name(written)) took effect"
        default: return EventWords.plain(index, history) + ": \(EventWords.outcome(index, history))"
        }
    }

    /// `3-2 n1:4, 1-7 †`, or `nothing`.
    private func versions(_ event: Event) -> String {
        let all = history.versions(of: event)
        if all.isEmpty { return "nothing" }
        return list(
            all.map { version in
                name(version.id) + (version.tombstone ? " †" : "")
                    + (version.hasDot ? " (\(name(version.actor)):\(version.counter))" : "")
            })
    }

    private func list(_ names: [String]) -> String {
        names.prefix(Self.shown).joined(separator: ", ")
            + (names.count > Self.shown ? " and \(names.count - Self.shown) more" : "")
    }

    private func name(_ identifier: UInt32) -> String {
        identifier == Interner.none ? "?" : history.string(identifier)
    }
}

/// Events of functions that this version does not know.
enum EventWords {
    /// What it is called, its key, and the value that it gave or got.
    static func plain(_ index: Int, _ history: History) -> String {
        let event = history.events[index]
        let function = event.function == .other ? history.string(event.name) : "\(event.function)"
        let names = [event.key, event.value].filter { $0 != Interner.none }.map(history.string)
        let value = members(index, history)["value"].flatMap(spelled).map { [Visible.short($0, 40)] } ?? []
        return (names + value).reduce(function) { "\($0) \($1)" }
    }

    /// How it ended. A compare-and-set may be answered, and refused.
    static func outcome(_ index: Int, _ history: History) -> String {
        let isRefused = members(index, history)["applied"] as? Bool == false
        return isRefused ? "refused" : "\(history.events[index].type)"
    }

    private static func members(_ index: Int, _ history: History) -> [String: Any] {
        let extras = Data("{\(history.extras[index] ?? "")}".utf8)
        return (try? JSONSerialization.jsonObject(with: extras)) as? [String: Any] ?? [:]
    }

    private static func spelled(_ value: Any) -> String? {
        let data = try? JSONSerialization.data(
            withJSONObject: value, options: [.fragmentsAllowed, .sortedKeys, .withoutEscapingSlashes])
        return data.map { String(decoding: $0, as: UTF8.self) }
    }
}
