import History
import Workload

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// Times and kinds of faults drawn from a seed: the same seed gives the same plan.
public struct RandomPlan: Sendable, Hashable {
    public let faults: [PlannedFault]
    /// How often each choice is taken in this run, relative to the others; 0: left out by the swarm.
    public let weights: [Int]

    /// How often each choice is taken, for a reader: `kill ×4, partition off`.
    public let words: String

    /// Time that making and undoing a fault may take beyond the plan before the next one counts as overlapping.
    private static let slack = Duration.milliseconds(250)
    /// More faults than this are no plan that anybody can read: 24 hours of one each hundred milliseconds.
    private static let most = 864_000

    public init(_ random: RandomFaults, seed: UInt64) {
        var generator = SeededGenerator(seed: seed ^ 0x7a4d_5c4e_d01e_5000)
        weights = Self.weights(random, using: &generator)
        words = zip(random.choices, weights).map { choice, weight in
            "\(choice.action.word) \(weight == 0 ? "off" : "×\(weight)")"
        }.joined(separator: ", ")
        var faults: [PlannedFault] = []
        var running: [Duration] = []
        var begin = random.from + Self.gap(random.meanInterval, using: &generator) / 2
        while faults.count < Self.most {
            let choice = random.choices[Self.pick(weights, using: &generator)]
            let duration = choice.duration ?? Self.length(random, using: &generator)
            running.removeAll { $0 <= begin }
            while running.count >= random.overlap, let first = running.min() {
                begin = first
                running.removeAll { $0 <= begin }
            }
            guard begin + duration <= random.until else { break }
            faults.append(PlannedFault(action: choice.action, begin: begin, duration: duration, line: choice.line))
            running.append(begin + duration + Self.slack)
            begin += Self.gap(random.meanInterval, using: &generator)
        }
        self.faults = faults
    }

    /// Swarm selection: each choice stays with one chance in two (one of them always), and what stays is taken once, twice
    /// or four times as often.
    private static func weights(_ random: RandomFaults, using generator: inout SeededGenerator) -> [Int] {
        let given = random.choices.map(\.weight)
        guard random.swarm, given.count > 1 else { return given }
        var weights = given.map { generator.chance(50) ? $0 * [1, 2, 4][generator.below(3)] : 0 }
        if weights.allSatisfy({ $0 == 0 }) {
            let only = generator.below(given.count)
            weights[only] = given[only]
        }
        return weights
    }

    private static func pick(_ weights: [Int], using generator: inout SeededGenerator) -> Int {
        var place = generator.below(weights.reduce(0, +))
        for (index, weight) in weights.enumerated() {
            if place < weight { return index }
            place -= weight
        }
        return 0
    }

    /// Exponentially distributed, at most ten times the mean, to the millisecond.
    private static func gap(_ mean: Duration, using generator: inout SeededGenerator) -> Duration {
        let unit = Double(generator.next() >> 11) * 0x1p-53
        return .milliseconds(Int(min(10, -log(1 - unit)) * (mean / .milliseconds(1))))
    }

    private static func length(_ random: RandomFaults, using generator: inout SeededGenerator) -> Duration {
        let (least, most) = (Int(random.shortest / .milliseconds(1)), Int(random.longest / .milliseconds(1)))
        return .milliseconds(least + generator.below(most - least + 1))
    }
}
