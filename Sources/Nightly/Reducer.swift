/// Makes a failing run smaller while it still fails: fewer faults, then fewer operations, clients and keys.
///
/// Faults by delta debugging (Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input", 2002), numbers by
/// halving. Pure but for `fails`, which makes a run of a recipe and says whether it shows the failure.
public struct Reducer: Sendable {
    /// Whether there is time for another run.
    private let hasTime: @Sendable () -> Bool
    private let fails: @Sendable (Recipe) async throws -> Bool
    /// Runs that were made.
    public private(set) var attempts = 0

    public init(
        hasTime: @escaping @Sendable () -> Bool, fails: @escaping @Sendable (Recipe) async throws -> Bool
    ) {
        self.hasTime = hasTime
        self.fails = fails
    }

    /// The smallest recipe found that failed; `recipe` itself when nothing smaller did.
    public mutating func reduce(_ recipe: Recipe) async throws -> Recipe {
        var best = recipe
        best.keepsFloors = false
        // The faults first: with the late ones gone, a run may be short.
        best.faults = try await minimalFaults(of: best)
        var isSmaller = true
        while isSmaller, hasTime() {
            isSmaller = false
            if let operations = best.operations {
                isSmaller = try await halve(&best, operations, least: 50) { $0.operations = $1 } || isSmaller
            }
            isSmaller = try await halve(&best, best.clients, least: 1) { $0.clients = $1 } || isSmaller
            isSmaller = try await halve(&best, best.keys, least: 1) { $0.keys = $1 } || isSmaller
        }
        return best
    }

    private mutating func attempt(_ recipe: Recipe) async throws -> Bool {
        guard hasTime() else { return false }
        attempts += 1
        return try await fails(recipe)
    }

    /// Halves a number as often as the run goes on failing; whether it could be done at all.
    private mutating func halve(
        _ best: inout Recipe, _ start: Int, least: Int, _ set: (inout Recipe, Int) -> Void
    ) async throws -> Bool {
        var number = start
        // Great steps first: most failures need little.
        for divisor in [8, 4, 2] {
            while number / divisor >= least, hasTime() {
                var candidate = best
                set(&candidate, number / divisor)
                guard try await attempt(candidate) else { break }
                best = candidate
                number /= divisor
            }
        }
        return number < start
    }

    /// A list of faults of which none can be left out alone.
    private mutating func minimalFaults(of recipe: Recipe) async throws -> [Int] {
        var kept = recipe.faults
        var pieces = 2
        while kept.count > 1, hasTime() {
            let size = max(1, (kept.count + pieces - 1) / pieces)
            var isSmaller = false
            var start = 0
            while start < kept.count, hasTime() {
                let piece = Array(kept[start..<min(start + size, kept.count)])
                let rest = Array(kept[..<start]) + Array(kept[min(start + size, kept.count)...])
                if pieces > 2 || start == 0, try await attempt(with(piece, recipe)) {
                    (kept, pieces, isSmaller) = (piece, 2, true)
                    break
                }
                if !rest.isEmpty, try await attempt(with(rest, recipe)) {
                    (kept, pieces, isSmaller) = (rest, max(pieces - 1, 2), true)
                    break
                }
                start += size
            }
            if isSmaller { continue }
            if size == 1 { break }
            pieces = min(pieces * 2, kept.count)
        }
        return kept
    }

    private func with(_ faults: [Int], _ recipe: Recipe) -> Recipe {
        var candidate = recipe
        candidate.faults = faults
        return candidate
    }
}
