import Dynamo

/// What was applied to a store and is not in its databases yet: four layers, each newer than the next, that readers look
/// through before they look there.
struct Layers {
    /// Applied since the last batch was taken.
    var pending = WriteBatch()
    /// Being written to the commit log.
    var writing: WriteBatch?
    /// In the log.
    var logged = Memtable()
    /// In the log, and being written to the databases.
    var filling: Memtable?

    /// Objects that there will be more once all is in the databases.
    var objectsAdded: Int {
        pending.objectsAdded + (writing?.objectsAdded ?? 0) + logged.changes.objectsAdded
            + (filling?.changes.objectsAdded ?? 0)
    }

    // MARK: Objects

    func object(_ key: Key) -> WriteBatch.ObjectChange? {
        pending.objects[key] ?? writing?.objects[key] ?? durable(key)
    }

    /// What a crash would not undo.
    func durable(_ key: Key) -> WriteBatch.ObjectChange? {
        logged.changes.objects[key] ?? filling?.changes.objects[key]
    }

    /// The changes at positions, after a place.
    func objects(
        from: Hash128, through: Hash128, after: StoredEntry?
    ) -> [Key: WriteBatch.ObjectChange] {
        var changes: [Key: WriteBatch.ObjectChange] = [:]
        func add(_ key: Key, _ change: WriteBatch.ObjectChange) {
            if let after, !(after < StoredEntry(position: change.position, key: key, hash: .zero)) { return }
            changes[key] = change
        }
        filling?.forEachObject(from: from, through: through, add)
        logged.forEachObject(from: from, through: through, add)
        for batch in [writing, pending] {
            guard let batch else { continue }
            for (key, change) in batch.objects where change.position >= from && change.position <= through {
                add(key, change)
            }
        }
        return changes
    }

    /// Rows that are to be marked as corrupt.
    var marked: Set<Key> {
        var marked = pending.corrupt
        for corrupt in [writing?.corrupt, logged.changes.corrupt, filling?.changes.corrupt] {
            if let corrupt, !corrupt.isEmpty { marked.formUnion(corrupt) }
        }
        return marked
    }

    // MARK: Hints

    func hint(_ place: WriteBatch.HintKey) -> WriteBatch.HintChange? {
        pending.hints[place] ?? writing?.hints[place] ?? durable(place)
    }

    func durable(_ place: WriteBatch.HintKey) -> WriteBatch.HintChange? {
        logged.changes.hints[place] ?? filling?.changes.hints[place]
    }

    /// The changes of a home's hints, after a key.
    func hints(home: String, after key: Key?) -> [Key: WriteBatch.HintChange] {
        var changes: [Key: WriteBatch.HintChange] = [:]
        for batch in [filling?.changes, logged.changes, writing, pending] {
            guard let batch else { continue }
            for (place, change) in batch.hints where place.home == home && (key.map { $0 < place.key } ?? true) {
                changes[place.key] = change
            }
        }
        return changes
    }
}
