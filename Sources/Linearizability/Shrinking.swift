/// Makes a proof small: from an episode without an order to few operations that have none.
///
/// Every step only weakens what is demanded, so that what still has no order proves that the whole has none:
/// - what ended after the step that cannot be passed is left out, or may happen at any time;
/// - where the model's states can be listed, the beginning is cut off, and any state may be there at the cut;
/// - an observer is left out; another operation may happen at any time, or never.
struct Shrinking {
    private let episode: Episode
    private let step: Int
    /// The steps that are left.
    private var kept: ContiguousArray<Int32>
    /// Operations that may happen at any time, or never.
    private var optional: Set<Int32> = []
    /// Whether any state may be there in the beginning, not only the model's initial one.
    private var anyState = false
    /// What may be there at a cut; nil where that cannot be listed.
    private var reachable: [Int64]?
    private var trial = Episode()
    private var trials = 0

    private static let mostTrials = 1000
    private static let visitsOfTrial = 20_000
    /// Over all trials, of a window of one word; wider ones cost more.
    private var visitsLeft = 1_000_000
    private static let mostOperations = 600
    private static let narrow = 12

    /// - Parameter step: the end that no order gets past.
    init(episode: Episode, step: Int) {
        self.episode = episode
        self.step = step
        kept = ContiguousArray(episode.steps[...step])
    }

    mutating func run<Model: SequentialModel>(_ decider: inout Decider<Model>, _ budget: Budget) {
        reachable = decider.model.reachable(by: episode.operations)
        cut(&decider, budget)
        guard kept.count <= 2 * Shrinking.mostOperations else { return }
        // The oldest first: they are the least likely to matter. Many at once, then fewer, then each by itself.
        var size = max(1, constrained().count / 2)
        while true {
            let numbers = constrained()
            for start in stride(from: 0, to: numbers.count, by: size) {
                loosen(Set(numbers[start..<min(numbers.count, start + size)]), &decider, budget)
            }
            if size == 1 { return }
            size = max(1, size / 4)
        }
    }

    var proof: Proof {
        let stuck = episode.steps[step] >> 1
        let numbers = constrained().map { episode.operations[Int($0)].number }
        return Proof(
            operations: numbers.sorted(), stuck: episode.operations[Int(stuck)].number,
            ordered: episode.steps[..<step].count { $0 & 1 == 1 })
    }

    /// The operations of which something is still demanded, by their beginnings.
    private func constrained() -> [Int32] {
        let ended = Set(kept.lazy.filter { $0 & 1 == 1 }.map { $0 >> 1 })
        return kept.lazy.filter { $0 & 1 == 0 }.map { $0 >> 1 }.filter { ended.contains($0) && !optional.contains($0) }
    }

    /// Whether steps have no order for certain.
    private mutating func hasNoOrder<Model: SequentialModel>(
        _ steps: ContiguousArray<Int32>, _ optional: Set<Int32>, anyState: Bool, _ decider: inout Decider<Model>,
        _ budget: Budget
    ) -> Bool {
        trials += 1
        guard trials <= Shrinking.mostTrials, visitsLeft > 0 else { return false }
        trial.load(episode, steps: steps, optional: optional)
        let cost = 1 + trial.slotCount / 64
        var limited = budget
        limited.visits = min(Shrinking.visitsOfTrial, visitsLeft) / cost
        let states: [Int64]
        if anyState {
            guard let reachable else { return false }
            states = decider.model.states(for: trial.operations, of: reachable)
        } else {
            states = [decider.model.initial]
        }
        let before = decider.visits
        defer { visitsLeft -= (decider.visits - before + 1) * cost }
        guard case .notLinearizable = decider.search(trial, from: states, limited) else { return false }
        return true
    }

    // MARK: Cutting off the beginning

    private mutating func cut<Model: SequentialModel>(_ decider: inout Decider<Model>, _ budget: Budget) {
        guard reachable != nil else { return }
        // A cut in the middle of an operation frees it, so that a later cut may do where an earlier one does not: the
        // narrow ones are tried one by one.
        if let width = (2...Shrinking.narrow).first(where: { $0 < step && isEnough($0, &decider, budget) }) {
            keep(width)
            return
        }
        var width = 2 * Shrinking.narrow
        while width < step, !isEnough(width, &decider, budget) { width *= 2 }
        guard width < step else { return }
        // Wide enough, and half of it was not.
        var (low, high) = (width / 2, width)
        while high - low > 1 {
            let middle = (low + high) / 2
            if isEnough(middle, &decider, budget) { high = middle } else { low = middle }
        }
        keep(high)
    }

    private mutating func keep(_ width: Int) {
        (kept, optional) = window(width)
        anyState = true
    }

    private mutating func isEnough<Model: SequentialModel>(
        _ width: Int, _ decider: inout Decider<Model>, _ budget: Budget
    ) -> Bool {
        let (steps, optional) = window(width)
        return hasNoOrder(steps, optional, anyState: true, &decider, budget)
    }

    /// The last steps, with what is in flight at the cut before them: that may have happened already.
    private func window(_ width: Int) -> (steps: ContiguousArray<Int32>, optional: Set<Int32>) {
        let cut = step - width
        var inFlight: [Int32] = []
        for position in 0..<cut where episode.steps[position] & 1 == 0 {
            let number = episode.steps[position] >> 1
            let operation = episode.operations[Int(number)]
            if operation.end >= Int32(cut), !operation.kind.isObserver { inFlight.append(number) }
        }
        let begun = Set(inFlight)
        var steps = ContiguousArray(inFlight.map { $0 << 1 })
        var inside: Set<Int32> = []
        for step in episode.steps[cut...step] {
            if step & 1 == 0 { inside.insert(step >> 1) }
            if inside.contains(step >> 1) || begun.contains(step >> 1) { steps.append(step) }
        }
        return (steps, begun)
    }

    // MARK: Loosening operations

    private mutating func loosen<Model: SequentialModel>(
        _ numbers: Set<Int32>, _ decider: inout Decider<Model>, _ budget: Budget
    ) {
        var steps = kept
        steps.removeAll { numbers.contains($0 >> 1) }
        let free = numbers.filter { !episode.operations[Int($0)].kind.isObserver }.sorted()
        steps.insert(contentsOf: free.map { $0 << 1 }, at: 0)
        let loosened = optional.union(free)
        guard hasNoOrder(steps, loosened, anyState: anyState, &decider, budget) else { return }
        (kept, optional) = (steps, loosened)
    }
}
