import Foundation
import History
import Workload

/// Makes one run in a process of its own; the exit status is that of `dyno run`.
public protocol RunMaker: Sendable {
    func make(_ order: RunOrder) async throws -> Int32
}

/// What a run maker is asked for.
public struct RunOrder: Sendable, Hashable {
    /// The path of the workload file.
    public var workload: String
    public var seed: UInt64
    /// The directory that the run makes.
    public var directory: String
    public var node: String?
    public var flaw: String?
}

/// A night: the canary, the matrix until its share of the time is over, then each new failure again, and smaller.
///
/// What is done stands in the index as soon as it is done: a night that was killed goes on where it was.
public actor Night {
    let plan: NightPlan
    /// Where the plan's own paths begin.
    let base: String
    let row: NightIndex.NightRow
    let index: NightIndex
    let maker: any RunMaker
    /// Plays runs in virtual time, where that can be done; nil: never.
    let rehearsal: (any Rehearsal)?
    /// Seconds since 1970.
    let now: @Sendable () -> Double
    let say: @Sendable (String) -> Void
    /// How long the longest run of each workload took, in seconds.
    private var longest: [String: Double] = [:]
    private var numbers: [NightIndex.Kind: Int] = [:]

    public init(
        plan: NightPlan, base: String, row: NightIndex.NightRow, index: NightIndex, maker: any RunMaker,
        rehearsal: (any Rehearsal)? = nil, now: @escaping @Sendable () -> Double,
        say: @escaping @Sendable (String) -> Void
    ) {
        self.plan = plan
        self.base = base
        self.row = row
        self.index = index
        self.maker = maker
        self.rehearsal = rehearsal
        self.now = now
        self.say = say
    }

    private var matrixEnd: Double {
        Double(row.started) + Double(row.budget) * Double(100 - plan.reductionShare) / 100
    }
    var end: Double { Double(row.started + row.budget) }

    /// Carries the night out.
    ///
    /// - Parameter jobs: runs side by side in the matrix.
    /// - Throws: what the index or a workload file throws; a run that fails is a result, not an error.
    public func carryOut(jobs: Int) async throws {
        try forgetInterrupted()
        try await runCanary()
        try await runMatrix(jobs: jobs)
        try fold()
        // What ran out of its part of the time gets what the others left.
        for _ in 0..<2 {
            for signature in try index.signatures(of: row.id) where !signature.isStudied { try await study(signature) }
        }
        let outcome = try NightSummary(row, index).outcome
        try index.end(row.id, at: Int64(now()), outcome: outcome.rawValue)
    }

    /// Runs that a killed night left unfinished are made again, from nothing.
    private func forgetInterrupted() throws {
        for run in try index.runs(of: row.id) {
            numbers[run.kind] = max(numbers[run.kind] ?? 0, run.number + 1)
            longest[run.workload] = max(longest[run.workload] ?? 0, run.seconds)
            guard run.status == "running" else { continue }
            try? FileManager.default.removeItem(atPath: run.path)
            try index.remove(run)
        }
    }

    // MARK: - One run

    struct Cell {
        var kind: NightIndex.Kind
        var number: Int
        var workload: String
        var store: NightPlan.StoreVariant
        var seed: UInt64
    }

    func path(_ relative: String) -> String { relative.hasPrefix("/") ? relative : "\(base)/\(relative)" }

    func recipe(_ cell: Cell) throws -> Recipe {
        let file = path(cell.workload)
        let text: String
        do { text = try String(contentsOfFile: file, encoding: .utf8) } catch {
            throw WorkloadError(file: file, line: nil, message: "cannot be read")
        }
        var recipe = try Recipe(workload: text, file: file)
        recipe.store = cell.store.settings
        return recipe
    }

    private func name(_ workload: String) -> String {
        let last = workload.split(separator: "/").last.map(String.init) ?? workload
        return last.split(separator: ".").first.map(String.init) ?? last
    }

    func run(_ cell: Cell, _ recipe: Recipe) async throws -> (row: NightIndex.RunRow, result: RunResult) {
        let workload = name(cell.workload)
        let stem = "\(row.directory)/\(cell.kind.rawValue)-\(cell.number)-\(workload)-\(cell.store.name)"
        let file = "\(stem).yml"
        try recipe.text(file: cell.workload).write(toFile: file, atomically: true, encoding: .utf8)
        try? FileManager.default.removeItem(atPath: stem)
        var run = NightIndex.RunRow(
            night: row.id, kind: cell.kind, number: cell.number, workload: workload, store: cell.store.name,
            seed: cell.seed, path: stem, status: "running", operations: 0, seconds: 0)
        try index.put(run)
        let began = now()
        let order = RunOrder(
            workload: file, seed: cell.seed, directory: stem, node: cell.store.node.map(path), flaw: cell.store.flaw)
        let exitStatus = try await maker.make(order)
        let result = RunResult.read(exitStatus: exitStatus, path: stem, workload: workload)
        run.seconds = now() - began
        run.status = result.status.rawValue
        run.signature = result.signature?.description
        run.operations = result.operations
        run.convergence = result.convergence
        run.p999 = result.p999
        run.reason = result.reason
        try index.put(run)
        longest[workload] = max(longest[workload] ?? 0, run.seconds)
        let what = run.signature ?? run.reason ?? ""
        say(
            "\(cell.kind.rawValue) \(cell.number)  \(workload)/\(cell.store.name) seed \(cell.seed): \(run.status)  \(what)"
        )
        return (run, result)
    }

    func nextNumber(_ kind: NightIndex.Kind) -> Int {
        let number = numbers[kind] ?? 0
        numbers[kind] = number + 1
        return number
    }

    // MARK: - Canary and matrix

    private func runCanary() async throws {
        guard let canary = plan.canary else { return }
        let done = try index.runs(of: row.id).contains { $0.kind == .canary && $0.status != "running" }
        guard !done else { return }
        var store = NightPlan.StoreVariant(name: "canary")
        store.flaw = canary.flaw
        var seeds = SeededGenerator(seed: row.seed ^ 0xCA4A_4127)
        let cell = Cell(kind: .canary, number: 0, workload: canary.workload, store: store, seed: seeds.next() >> 1)
        var (run, result) = try await run(cell, recipe(cell))
        if result.status == .invalid, !result.anomalies.contains(canary.anomaly) {
            run.status = RunResult.Status.unknown.rawValue
            run.reason = "the canary went red without \(canary.anomaly)"
            try index.put(run)
        }
    }

    /// The cell of the matrix with that number: each round has every pair once, in an order of its own, with fresh seeds.
    func cell(_ number: Int) -> Cell {
        let size = plan.workloads.count * plan.stores.count
        let round = number / size
        var generator = SeededGenerator(seed: row.seed &+ UInt64(round) &* 0x9E37_79B9)
        let order = Array(0..<size).shuffled(using: &generator)
        let pair = order[number % size]
        var seeds = SeededGenerator(seed: row.seed ^ UInt64(number) &* 0xA24B_AED4_963E_E407)
        return Cell(
            kind: .matrix, number: number, workload: plan.workloads[pair % plan.workloads.count],
            store: plan.stores[pair / plan.workloads.count], seed: seeds.next() >> 1)
    }

    private func runMatrix(jobs: Int) async throws {
        let done = Set(
            try index.runs(of: row.id).filter { $0.kind == .matrix && $0.status != "running" }.map(\.number))
        var numbers = (0..<(plan.matrixRuns ?? Int.max)).lazy.filter { !done.contains($0) }.makeIterator()
        try await withThrowingTaskGroup(of: Void.self) { group in
            var underWay = 0
            while let number = numbers.next() {
                let cell = cell(number)
                // A run that would not end in time is not begun.
                guard now() + (longest[name(cell.workload)] ?? 0) <= matrixEnd else { break }
                let recipe = try recipe(cell)
                if underWay >= jobs {
                    try await group.next()
                    underWay -= 1
                }
                group.addTask { _ = try await self.run(cell, recipe) }
                underWay += 1
            }
            try await group.waitForAll()
        }
    }

    /// Counts the runs of the matrix by signature, whatever faults were in force.
    private func fold() throws {
        let known = Dictionary(uniqueKeysWithValues: try index.signatures(of: row.id).map { ($0.signature, $0) })
        var counts: [String: [NightIndex.RunRow]] = [:]
        for run in try index.runs(of: row.id) where run.kind == .matrix {
            guard let text = run.signature, let signature = Signature(text) else { continue }
            counts[signature.family.description, default: []].append(run)
        }
        for (signature, runs) in counts.sorted(by: { $0.key < $1.key }) {
            let isKnown = try index.isKnown(signature, before: row.id)
            var entry =
                known[signature]
                ?? NightIndex.SignatureRow(
                    night: row.id, signature: signature, firstRun: runs[0].path, count: 0, isKnown: isKnown,
                    reproduced: 0, attempts: 0, operations: runs[0].operations)
            entry.count = runs.count
            try index.put(entry)
        }
    }
}
