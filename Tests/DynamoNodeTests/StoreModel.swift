import Dynamo

/// What a store must read as: a disk, what is being written to it, and what was applied since.
struct StoreModel {
    struct Place: Hashable {
        var home: String
        var key: Key
    }

    struct Layer {
        /// An inner nil is a deletion.
        var objects: [Key: Siblings?] = [:]
        var hints: [Place: HintedObject?] = [:]
        var numbers: [String: UInt64] = [:]
        var buckets: [[UInt8]: BucketEntry] = [:]

        mutating func add(_ newer: Layer) {
            objects.merge(newer.objects) { $1 }
            hints.merge(newer.hints) { $1 }
            numbers.merge(newer.numbers) { $1 }
            buckets.merge(newer.buckets) { $1 }
        }
    }

    var disk = Layer()
    var writing: Layer?
    var applied = Layer()

    /// What readers see.
    var view: Layer {
        var view = disk
        if let writing { view.add(writing) }
        view.add(applied)
        return view
    }

    mutating func take() {
        writing = applied
        applied = Layer()
    }

    mutating func commit() {
        if let writing { disk.add(writing) }
        writing = nil
    }

    /// Objects and hints are as on disk again; numbers and buckets go out with the next batch.
    mutating func refuse() {
        guard let refused = writing else { return }
        writing = nil
        applied.numbers.merge(refused.numbers) { newer, _ in newer }
        applied.buckets.merge(refused.buckets) { newer, _ in newer }
    }

    /// The process dies: what was not committed is gone.
    mutating func crash() {
        writing = nil
        applied = Layer()
    }

    var objects: [Key: Siblings] { view.objects.compactMapValues { $0 } }

    /// In order of position, then of key.
    var entries: [StoredEntry] {
        objects.map { StoredEntry(position: $0.key.position, key: $0.key, hash: $0.value.hash) }.sorted()
    }

    var hints: [HintedObject] { view.hints.values.compactMap { $0 } }
}
