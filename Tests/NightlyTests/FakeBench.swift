import Foundation
import History
import Nightly
import Synchronization
import Workload

/// A run maker without a store: writes a synthetic history, with a lost write wherever a flaw is planted.
actor FakeBench: RunMaker {
    private(set) var orders: [RunOrder] = []
    /// Called before each run; throws to break the night off.
    private let before: @Sendable (Int) throws -> Void

    init(before: @escaping @Sendable (Int) throws -> Void = { _ in }) { self.before = before }

    func make(_ order: RunOrder) async throws -> Int32 {
        try before(orders.count)
        orders.append(order)
        let text = try String(contentsOfFile: order.workload, encoding: .utf8)
        let workload = try WorkloadFile.parse(text: text, file: order.workload)
        try FileManager.default.createDirectory(atPath: order.directory, withIntermediateDirectories: true)
        var operations = 400
        if case .operations(let count) = workload.length { operations = count }
        let isFlawed = order.flaw != nil || order.node != nil
        let history = Self.history(operations: operations, isFlawed: isFlawed && !workload.faults.isEmpty)
        try HistoryFile.write(history, to: "\(order.directory)/history.dyno")
        return isFlawed ? 1 : 0
    }

    /// A valid history of about so many operations; a flawed one has a version from nowhere in its last read.
    static func history(operations: Int, isFlawed: Bool) -> History {
        var history = SyntheticHistory.generate(events: operations * 2, keys: 5, clients: 4, seed: 3)
        guard isFlawed, let last = history.events.last else { return history }
        var invoke = EventDraft(last.time, .client(99_999), .invoke, .get)
        invoke.key = "key-0"
        var ok = EventDraft(last.time, .client(99_999), .ok, .get)
        ok.key = "key-0"
        ok.list = .versions([VersionDraft(id: "from-nowhere")])
        history.append(invoke)
        history.append(ok)
        return history
    }
}

/// Virtual time without a store: the same histories, at once.
final class FakeRehearsal: Rehearsal {
    private let made = Mutex(0)
    var count: Int { made.withLock { $0 } }

    func history(of workload: Workload, seed: UInt64, flaw: String?) -> History? {
        made.withLock { $0 += 1 }
        var operations = 400
        if case .operations(let count) = workload.length { operations = count }
        return FakeBench.history(operations: operations, isFlawed: flaw != nil && !workload.faults.isEmpty)
    }
}
