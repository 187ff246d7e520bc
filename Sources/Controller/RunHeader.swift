import Foundation
import History
import Workload

/// The header of a run's history: what SEMANTICS section 1 names, and beside it what an offline check needs to decide as the run did.
enum RunHeader {
    /// Header members of ours, kept by `dyno convert` and unknown to other tools.
    private struct Extras: Encodable {
        var store: String
        var workload: String
        var seed: UInt64
        var flaw: String?
        var schedule: String?
        var build: String
        var checkers: [String]
        var require: [String: Int]
    }

    static func header(for settings: Run.Settings, store: String) -> Header {
        let workload = settings.workload
        var header = Header()
        header.name = workload.name
        header.nodes = workload.store.nodeNames
        header.n = Int64(workload.store.n)
        header.r = Int64(workload.store.r)
        header.w = Int64(workload.store.w)
        header.convergeWithin = Int64(workload.convergeWithin / .nanoseconds(1))
        var require: [String: Int] = [:]
        for floor in workload.require { require[floor.requirement.rawValue] = floor.minimum }
        let extras = Extras(
            store: store, workload: workload.name, seed: settings.seed, flaw: settings.flaw,
            schedule: settings.schedule, build: settings.build,
            checkers: workload.checkers.map(\.rawValue), require: require)
        header.extras = members(extras)
        return header
    }

    /// The members of a value as JSON text without the braces around them: the form in which a history keeps what it does not know.
    static func members(_ value: some Encodable) -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(value) else { return "" }
        return String(decoding: data.dropFirst().dropLast(), as: UTF8.self)
    }
}
