/// Decides groups one after the other, with whatever method is the fastest for each.
struct Decider<Model: SequentialModel> {
    let operations: Operations
    private(set) var episode: Episode
    private var unique = UniqueValues()
    private let triesUnique: Bool
    private let shrinks: Bool
    private var narrow: Search<Model, NarrowWindow>
    private var medium: Search<Model, WideWindow<SIMD4<UInt64>>>?
    private var wide: Search<Model, WideWindow<SIMD16<UInt64>>>?
    private var widest: Search<Model, WideWindow<SIMD64<UInt64>>>?

    /// - Parameters:
    ///   - triesUnique: whether the model is a register, so that unique values may be decided without a search.
    ///   - shrinks: whether proofs are made small.
    ///   - episode: one whose memory can be used.
    init(operations: Operations, model: Model, triesUnique: Bool, shrinks: Bool, episode: Episode = Episode()) {
        self.episode = episode
        self.operations = operations
        self.triesUnique = triesUnique
        self.shrinks = shrinks
        var prepared = model
        prepared.prepare()
        narrow = Search(model: prepared)
    }

    /// Configurations that the searches met so far.
    var visits: Int { narrow.visits + (medium?.visits ?? 0) + (wide?.visits ?? 0) + (widest?.visits ?? 0) }

    mutating func decide(group: Int, _ budget: Budget) -> GroupVerdict {
        episode.load(operations, group: group)
        if triesUnique {
            switch unique.decide(episode) {
            case .notApplicable: break
            case .linearizable: return .linearizable
            case .notLinearizable(let proof): return .notLinearizable(told(proof))
            }
        }
        switch search(episode, from: [narrow.model.initial], budget) {
        case .linearizable: return .linearizable
        case .unknown(let exhaustion): return .unknown(exhaustion)
        case .notLinearizable(let step):
            var shrinking = Shrinking(episode: episode, step: step)
            if shrinks { shrinking.run(&self, budget) }
            return .notLinearizable(shrinking.proof)
        }
    }

    /// The model, with whatever states it has got to know.
    var model: Model { narrow.model }

    /// A search from several states with the narrowest window that has room for the episode.
    mutating func search(_ episode: Episode, from states: [Int64], _ budget: Budget) -> Answer {
        let slots = episode.slotCount
        if slots <= NarrowWindow.width { return narrow.decide(episode, fromAny: states, budget) }
        if slots <= WideWindow<SIMD4<UInt64>>.width { return Self.decide(&medium, model, episode, states, budget) }
        if slots <= WideWindow<SIMD16<UInt64>>.width { return Self.decide(&wide, model, episode, states, budget) }
        if slots <= WideWindow<SIMD64<UInt64>>.width { return Self.decide(&widest, model, episode, states, budget) }
        return .unknown(.concurrency(slots))
    }

    private static func decide<Window: WindowBits>(
        _ search: inout Search<Model, Window>?, _ model: Model, _ episode: Episode, _ states: [Int64], _ budget: Budget
    ) -> Answer {
        var used = search ?? Search(model: model)
        search = nil
        let answer = used.decide(episode, fromAny: states, budget)
        search = used
        return answer
    }

    private func told(_ proof: [Int32]) -> Proof {
        let last = proof.max { episode.operations[Int($0)].end < episode.operations[Int($1)].end } ?? 0
        let end = episode.operations[Int(last)].end
        return Proof(
            operations: proof.map { episode.operations[Int($0)].number }.sorted(),
            stuck: episode.operations[Int(last)].number,
            ordered: episode.steps.prefix(Int(min(end, Int32(episode.steps.count)))).count { $0 & 1 == 1 })
    }
}
