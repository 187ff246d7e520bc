/// The operations of a load, drawn from a seed: the same seed and the same answers give the same sequence, process by process.
///
/// A value without clock or I/O. ``next(process:)`` says what a process does, ``learn(_:from:)`` takes the answer to a read.
public struct Generator: Sendable {
    private let workload: Workload
    private let seed: UInt64
    private let chooser: KeyChooser
    private var processes: [Int64: ClientMind] = [:]

    public init(workload: Workload, seed: UInt64) {
        self.workload = workload
        self.seed = seed
        chooser = KeyChooser(workload.keys)
    }

    /// The next operation of `process`.
    ///
    /// A put that is not blind passes back the context of the process's last read of the key. Where there was none, a read of
    /// the key comes first and the put follows once that read was answered; if it failed, the put is given up. A delete always
    /// needs versions that were read: it too is preceded by a read, and given up when that finds nothing.
    public mutating func next(process: Int64) -> Operation {
        var mind =
            processes[process] ?? ClientMind(random: SeededRandom(seed: seed, stream: UInt64(bitPattern: process)))
        defer { processes[process] = mind }
        if let (intent, rank) = mind.postponed {
            mind.postponed = nil
            if let memory = mind.memories[rank], let write = intent.write(after: memory) {
                return write == .put
                    ? put(&mind, process, rank, memory) : delete(&mind, process, rank, memory)
            }
        }
        return fresh(&mind, process)
    }

    /// Takes the answer to a read that ``next(process:)`` gave.
    public mutating func learn(_ answer: ReadAnswer, from operation: Operation) {
        guard operation.rank >= 0 else { return }
        let live = answer.versions.lazy.filter { !$0.tombstone }
        processes[operation.process]?.memories[operation.rank] = ClientMind.Memory(
            context: answer.context,
            seen: answer.versions.map(\.id),
            cart: workload.merge == .cart ? Cart.union(of: live.map(\.payload)) : Cart())
    }

    /// Forgets a process that makes no further operation.
    public mutating func retire(process: Int64) {
        processes[process] = nil
    }

    private mutating func fresh(_ mind: inout ClientMind, _ process: Int64) -> Operation {
        // Always three draws, whatever becomes of them: the sequence of keys does not depend on the answers.
        let rank = chooser.rank(&mind.random)
        let mix = workload.mix
        let point = mind.random.below(mix.get + mix.put + mix.delete)
        let blind = mind.random.below(100) < mix.blindPercent
        if point < mix.get { return get(process, rank) }
        let memory = mind.memories[rank]
        if point < mix.get + mix.put {
            if blind { return put(&mind, process, rank, nil) }
            if let memory { return put(&mind, process, rank, memory) }
            mind.postponed = (.put, rank)
            return get(process, rank)
        }
        if let memory, memory.canDelete { return delete(&mind, process, rank, memory) }
        mind.postponed = (.delete, rank)
        return get(process, rank)
    }

    private func get(_ process: Int64, _ rank: Int) -> Operation {
        Operation(
            process: process, key: workload.keys.name(rank: rank), rank: rank,
            action: .get(r: workload.requestQuorum.r))
    }

    private func put(
        _ mind: inout ClientMind, _ process: Int64, _ rank: Int, _ memory: ClientMind.Memory?
    ) -> Operation {
        let id = mind.nextID(process)
        var items: [String]?
        if workload.merge == .cart {
            var cart = memory?.cart ?? Cart()
            cart.change(adding: id, &mind.random)
            items = cart.sortedItems
        }
        let write = Operation.Write(
            id: id, payload: ValueForm.encode(id: id, items: items, size: workload.valueSize),
            context: memory?.context, seen: memory?.context == nil ? [] : memory?.seen ?? [],
            w: workload.requestQuorum.w, items: items)
        return Operation(process: process, key: workload.keys.name(rank: rank), rank: rank, action: .put(write))
    }

    private func delete(
        _ mind: inout ClientMind, _ process: Int64, _ rank: Int, _ memory: ClientMind.Memory
    ) -> Operation {
        let id = mind.nextID(process)
        let write = Operation.Write(
            id: id, payload: Array(id.utf8), context: memory.context, seen: memory.seen, w: workload.requestQuorum.w)
        return Operation(process: process, key: workload.keys.name(rank: rank), rank: rank, action: .delete(write))
    }
}
