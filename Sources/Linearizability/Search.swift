/// Looks for an order of the operations of an ``Episode`` that the model allows: Wing and Gong's search with Lowe's
/// memory of where it has been, one event at a time.
///
/// The search walks over the steps. An operation that begins becomes *pending*. An operation that ends while it is
/// pending must be put into the order now, perhaps behind others that are pending: that is where the search branches.
/// What decides the future is only (step, pending slots, state), so what was met before is not entered again, nor
/// what is behind it (see ``VisitedTable``).
///
/// Three rules cut branches without losing an order:
/// - an observer whose answer is right is put into the order at once: whatever comes later, it would have fitted here;
/// - of pending operations of one class only the one that ends first is tried: the others can take its place later;
/// - an operation that never ended is not tried where it would change nothing, or only for the worst.
struct Search<Model: SequentialModel, Window: WindowBits> {
    var model: Model
    /// Configurations met, over all decisions.
    private(set) var visits = 0

    private var visited = VisitedTable<Window>()
    private var frames = ContiguousArray<Frame>()

    private var position = 0
    private var pending = Window.empty
    /// Slots whose operation is an observer.
    private var observers = Window.empty
    private var state: Int64 = 0
    /// The operation that has each slot at ``position``.
    private var inSlot = ContiguousArray<Int32>()

    /// For each class the round in which it was seen last, and the slot that stands for it then.
    private var roundOfClass = ContiguousArray<Int32>()
    private var slotOfClass = ContiguousArray<Int32>()
    private var round: Int32 = 0
    /// The classes seen in this round.
    private var groups = ContiguousArray<Int32>()

    /// A choice with what was not yet tried.
    private struct Frame {
        var pending: Window
        var observers: Window
        /// Candidates after which the operation that ends can come at once, and the others.
        var close: Window
        var far: Window
        var state: Int64
        var position: Int
    }

    init(model: Model) { self.model = model }

    /// Decides whether there is an order from any of several states. What led nowhere from one leads nowhere from
    /// the others, so that they share the memory. The episode must not need more slots than the window has.
    ///
    /// - Returns: linearizable as soon as it is from one of them.
    mutating func decide(_ episode: Episode, fromAny states: [Int64], _ budget: Budget) -> Answer {
        begin(episode)
        var limit = budget.visits
        var furthest = -1
        for state in states {
            restart(from: state)
            switch decide(episode, &limit, budget) {
            case .notLinearizable(let step): furthest = max(furthest, step)
            case let answer: return answer
            }
        }
        return .notLinearizable(step: furthest)
    }

    private mutating func decide(_ episode: Episode, _ limit: inout Int, _ budget: Budget) -> Answer {
        var furthest = -1
        var forced = 0
        while !advance(episode) {
            furthest = max(furthest, position)
            visits += 1
            limit -= 1
            if limit < 0 { return .unknown(.time) }
            if let exhaustion = exhaustion(budget) { return .unknown(exhaustion) }
            let mutators = pending.subtracting(observers)
            var isOpen = false
            if mutators.hasSeveral {
                forced = 0
                isOpen = visited.insert(Int32(position), pending, state) && branch(mutators, episode)
            } else if !mutators.isEmpty {
                // Without a choice nothing need be remembered, but now and then, lest a long way is walked twice.
                forced += 1
                let isNew = forced & 15 != 0 || visited.insert(Int32(position), pending, state)
                isOpen = isNew && take(mutators.lowest, episode)
            }
            if !isOpen && !backtrack(episode) { return .notLinearizable(step: furthest) }
        }
        return .linearizable
    }

    private mutating func begin(_ episode: Episode) {
        var lost = Window.empty
        for slot in episode.endingSlotCount..<episode.slotCount { lost.insert(slot) }
        visited.clear(lost: lost)
        position = 0
        while inSlot.count < episode.slotCount { inSlot.append(-1) }
        if round > Int32.max / 2 {
            roundOfClass = []
            round = 0
        }
        while roundOfClass.count < episode.classCount {
            roundOfClass.append(-1)
            slotOfClass.append(-1)
        }
    }

    private mutating func restart(from initial: Int64) {
        frames.removeAll(keepingCapacity: true)
        (position, pending, observers, state) = (0, .empty, .empty, initial)
    }

    private func exhaustion(_ budget: Budget) -> Exhaustion? {
        if visited.isFull {
            let bytes = visited.footprintOfGrowth + frames.count * MemoryLayout<Frame>.stride
            if bytes > budget.bytes { return .memory }
        }
        return visits & 4095 == 0 && budget.isTimeUp() ? .time : nil
    }

    /// Goes on to the next end of a pending operation; true when there is none.
    @inline(__always)
    private mutating func advance(_ episode: Episode) -> Bool {
        while position < episode.steps.count {
            let step = episode.steps[position]
            let operation = episode.operations[Int(step >> 1)]
            let slot = Int(operation.slot)
            if step & 1 == 1 {
                if pending.contains(slot) { return false }
            } else {
                inSlot[slot] = step >> 1
                if operation.kind.isObserver {
                    observers.insert(slot)
                    if self.step(state, operation) == illegalState { pending.insert(slot) }
                } else {
                    observers.remove(slot)
                    pending.insert(slot)
                }
            }
            position += 1
        }
        return true
    }

    @inline(__always)
    private mutating func step(_ state: Int64, _ operation: EpisodeOperation) -> Int64 {
        model.step(state, operation.kind, operation.first, operation.second)
    }

    /// Puts the operation of a slot into the order, and every observer that then is right; false when the model forbids it.
    @inline(__always)
    private mutating func take(_ slot: Int, _ episode: Episode) -> Bool {
        let next = step(state, episode.operations[Int(inSlot[slot])])
        if next == illegalState { return false }
        pending.remove(slot)
        if next == state { return true }
        state = next
        let waiting = pending.intersection(observers)
        if waiting.isEmpty { return true }
        for index in 0..<Window.wordCount {
            var word = waiting.word(index)
            while word != 0 {
                let observer = index * 64 + word.trailingZeroBitCount
                word &= word &- 1
                if step(state, episode.operations[Int(inSlot[observer])]) != illegalState { pending.remove(observer) }
            }
        }
        return true
    }

    /// Takes the best of the candidates and keeps the others for later; false when there is none.
    private mutating func branch(_ mutators: Window, _ episode: Episode) -> Bool {
        let ending = episode.operations[Int(episode.steps[position] >> 1)]
        chooseOfClasses(mutators, episode)
        var (close, far) = (Window.empty, Window.empty)
        for group in groups {
            let slot = Int(slotOfClass[Int(group)])
            let operation = episode.operations[Int(inSlot[slot])]
            let next = step(state, operation)
            if next == illegalState { continue }
            if operation.end == Episode.never, next == state || next == model.worst { continue }
            if slot == Int(ending.slot) || step(next, ending) != illegalState {
                close.insert(slot)
            } else {
                far.insert(slot)
            }
        }
        let best = close.contains(Int(ending.slot)) ? Int(ending.slot) : close.isEmpty ? far.lowest : close.lowest
        guard best >= 0 else { return false }
        close.remove(best)
        far.remove(best)
        if !close.isEmpty || !far.isEmpty {
            frames.append(
                Frame(
                    pending: pending, observers: observers, close: close, far: far, state: state, position: position))
        }
        return take(best, episode)
    }

    /// One slot for each class: that of the operation that ends first.
    private mutating func chooseOfClasses(_ slots: Window, _ episode: Episode) {
        round += 1
        groups.removeAll(keepingCapacity: true)
        for index in 0..<Window.wordCount {
            var word = slots.word(index)
            while word != 0 {
                let slot = index * 64 + word.trailingZeroBitCount
                word &= word &- 1
                chooseOfClass(slot, episode)
            }
        }
    }

    @inline(__always)
    private mutating func chooseOfClass(_ slot: Int, _ episode: Episode) {
        let number = inSlot[slot]
        let operation = episode.operations[Int(number)]
        let group = Int(operation.group)
        if roundOfClass[group] == round {
            let rival = inSlot[Int(slotOfClass[group])]
            let rivalEnd = episode.operations[Int(rival)].end
            if (rivalEnd, rival) < (operation.end, number) { return }
        } else {
            roundOfClass[group] = round
            groups.append(Int32(group))
        }
        slotOfClass[group] = Int32(slot)
    }

    /// Goes back to the last choice that has something left, and takes that; false when there is none.
    private mutating func backtrack(_ episode: Episode) -> Bool {
        while let last = frames.indices.last {
            let frame = frames[last]
            rewind(to: frame.position, episode)
            (pending, observers, state) = (frame.pending, frame.observers, frame.state)
            let slot = frame.close.isEmpty ? frame.far.lowest : frame.close.lowest
            frames[last].close.remove(slot)
            frames[last].far.remove(slot)
            if frames[last].close.isEmpty && frames[last].far.isEmpty { frames.removeLast() }
            if take(slot, episode) { return true }
        }
        return false
    }

    private mutating func rewind(to target: Int, _ episode: Episode) {
        while position > target {
            position -= 1
            let step = episode.steps[position]
            guard step & 1 == 0 else { continue }
            let operation = episode.operations[Int(step >> 1)]
            inSlot[Int(operation.slot)] = operation.previous
        }
    }
}
