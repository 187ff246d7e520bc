/// Makes a failing run smaller while it still fails: fewer faults, sooner and shorter ones, then fewer operations, a lower rate,
/// fewer clients and keys.
///
/// Faults by delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), numbers by
/// halving. Pure but for `fails`, which makes a run of a recipe and says whether it shows the failure.
public struct Reducer: Sendable {
    /// How much of a run had gone by when all of the load that proves its failure was recorded.
    public struct Evidence: Sendable, Hashable {
        /// From the begin of the load.
        public var milliseconds: Int
        /// Client operations begun.
        public var operations: Int

        public init(milliseconds: Int, operations: Int) {
            self.milliseconds = milliseconds
            self.operations = operations
        }
    }

    /// The rate that stands for "as fast as it goes" when it is to be lowered.
    private static let fullRate = 2_000
    /// When the first fault begins, and what the shortest one lasts, at least: in milliseconds. Nodes need time to start.
    private static let firstFault = 300, shortestFault = 200
    /// How long after the evidence a fault may begin and still belong to it, in milliseconds.
    private static let margin = 500

    /// Whether there is time for a run of a recipe.
    private let hasTime: @Sendable (Recipe) -> Bool
    private let fails: @Sendable (Recipe) async throws -> Bool
    /// Whether something was not tried for want of time.
    public private(set) var isOutOfTime = false
    /// Runs that were made.
    public private(set) var attempts = 0
    /// Every recipe that failed, each smaller than the one before.
    public private(set) var trail: [Recipe] = []
    /// Whether the faults that are left were each shown to be needed.
    public private(set) var hasMinimalFaults = false

    public init(
        hasTime: @escaping @Sendable (Recipe) -> Bool, fails: @escaping @Sendable (Recipe) async throws -> Bool
    ) {
        self.hasTime = hasTime
        self.fails = fails
    }

    /// The smallest recipe found that failed; `recipe` itself when nothing smaller did.
    ///
    /// - Parameters:
    ///   - evidence: of the run whose recipe it is; nil: not known.
    ///   - keepingFaults: whether all faults are known to be needed.
    public mutating func reduce(
        _ recipe: Recipe, evidence: Evidence? = nil, keepingFaults: Bool = false
    ) async throws -> Recipe {
        var best = recipe
        best.keepsFloors = false
        hasMinimalFaults = keepingFaults
        // The faults first: with the late ones gone, a run may be short.
        if !keepingFaults {
            try await cut(&best, after: evidence)
            // With a lighter load all that follows costs less.
            _ = try await slowDown(&best)
            try await dropFaults(of: &best)
        }
        if best.keepsSettling { _ = try await accept(&best) { $0.keepsSettling = false } }
        try await bringForward(&best)
        var isSmaller = true
        while isSmaller {
            isSmaller = false
            if let operations = best.operations {
                isSmaller = try await halve(&best, operations, least: 20) { $0.operations = $1 } || isSmaller
            }
            isSmaller = try await slowDown(&best) || isSmaller
            isSmaller = try await halve(&best, best.clients, least: 1) { $0.clients = $1 } || isSmaller
            isSmaller = try await halve(&best, best.keys, least: 1) { $0.keys = $1 } || isSmaller
            isSmaller = try await shorten(&best) || isSmaller
        }
        return best
    }

    /// Takes a change for good when the run still fails with it.
    private mutating func accept(_ best: inout Recipe, _ change: (inout Recipe) -> Void) async throws -> Bool {
        var candidate = best
        change(&candidate)
        guard candidate != best else { return false }
        guard hasTime(candidate) else {
            isOutOfTime = true
            return false
        }
        attempts += 1
        guard try await fails(candidate) else { return false }
        best = candidate
        trail.append(candidate)
        return true
    }

    // MARK: - Faults

    /// Leaves out what came after the evidence; first of all every fault, since many failures need none.
    private mutating func cut(_ best: inout Recipe, after evidence: Evidence?) async throws {
        let operations = evidence.map { max(20, $0.operations) }
        func cutLoad(_ recipe: inout Recipe) {
            if let operations { recipe.operations = min(operations, recipe.operations ?? operations) }
        }
        let isBare = try await accept(&best) {
            ($0.faults, $0.keepsRandom) = ([], false)
            cutLoad(&$0)
        }
        guard !isBare, let evidence else { return }
        let spans = best.faults.map { best.spans.indices.contains($0) ? best.spans[$0] : nil }
        let ends = spans.compactMap { $0 }.filter { $0.begin <= evidence.milliseconds }.map(\.end)
        let last = max(evidence.milliseconds, ends.max() ?? 0) + Self.margin
        let before = zip(best.faults, spans).filter { ($0.1?.begin ?? 0) <= last }
        // What is in force at the evidence, then whatever came before.
        let during = before.filter { $0.1.map { $0.end + Self.margin >= evidence.milliseconds } ?? true }
        for kept in [during, before] where !kept.isEmpty {
            let isCut = try await accept(&best) {
                $0.faults = kept.map(\.0)
                cutLoad(&$0)
            }
            if isCut { return }
        }
    }

    /// Leaves a list of faults of which none can be left out alone.
    private mutating func dropFaults(of best: inout Recipe) async throws {
        var pieces = 2
        while best.faults.count > 1 {
            let kept = best.faults
            let size = max(1, (kept.count + pieces - 1) / pieces)
            var isSmaller = false
            for start in stride(from: 0, to: kept.count, by: size) {
                let piece = Array(kept[start..<min(start + size, kept.count)])
                let rest = Array(kept[..<start]) + Array(kept[min(start + size, kept.count)...])
                if pieces > 2 || start == 0, try await accept(&best, { $0.faults = piece }) {
                    (pieces, isSmaller) = (2, true)
                    break
                }
                if !rest.isEmpty, try await accept(&best, { $0.faults = rest }) {
                    (pieces, isSmaller) = (max(pieces - 1, 2), true)
                    break
                }
            }
            if isSmaller { continue }
            if size == 1 { break }
            pieces = min(pieces * 2, kept.count)
        }
        if !best.faults.isEmpty { _ = try await accept(&best) { $0.faults = [] } }
        hasMinimalFaults = !isOutOfTime
    }

    /// Lets the first fault begin at once, and the others as long after it as before.
    private mutating func bringForward(_ best: inout Recipe) async throws {
        let begins = best.faults.compactMap { best.spans.indices.contains($0) ? best.spans[$0]?.begin : nil }
        guard let first = begins.min(), first > 2 * Self.firstFault else { return }
        _ = try await accept(&best) { $0.earlier = first - Self.firstFault }
    }

    /// Squeezes the times and lengths of all faults.
    private mutating func shorten(_ best: inout Recipe) async throws -> Bool {
        let spans = best.faults.compactMap { best.spans.indices.contains($0) ? best.spans[$0] : nil }
        guard let shortest = spans.map({ $0.end - $0.begin }).filter({ $0 > 0 }).min() else { return false }
        let before = best.squeeze
        for factor in [4, 2] where shortest / (best.squeeze * factor) >= Self.shortestFault {
            _ = try await accept(&best) { $0.squeeze *= factor }
        }
        return best.squeeze > before
    }

    // MARK: - Numbers

    /// Halves a number as often as the run goes on failing; whether it could be done at all.
    private mutating func halve(
        _ best: inout Recipe, _ start: Int, least: Int, _ set: (inout Recipe, Int) -> Void
    ) async throws -> Bool {
        var number = start
        // Great steps first: most failures need little.
        for divisor in [8, 4, 2] {
            while number / divisor >= least {
                guard try await accept(&best, { set(&$0, number / divisor) }) else { break }
                number /= divisor
            }
        }
        return number < start
    }

    /// Fewer operations in the same time. Without faults the load ends with its last operation, however fast they come.
    private mutating func slowDown(_ best: inout Recipe) async throws -> Bool {
        guard !best.faults.isEmpty else { return false }
        let start = best.rate ?? Self.fullRate
        return try await halve(&best, start, least: 5) { recipe, rate in
            let factor = max(1, (recipe.rate ?? Self.fullRate) / rate)
            recipe.rate = rate
            if let operations = recipe.operations { recipe.operations = max(1, operations / factor) }
        }
    }
}
