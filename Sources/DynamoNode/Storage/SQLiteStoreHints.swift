import Dynamo

/// Hints: an index in memory tells which there are, what is on its way to the database hides what is there.
extension SQLiteStore {
    public func hint(_ key: Key, home: String) throws -> HintedObject? {
        guard hintIndex.mayHave(key, home: home) else { return nil }
        let place = WriteBatch.HintKey(home: home, key: key)
        switch layers.hint(place) {
        case .store(let hint): return hint
        case .delete: return nil
        case nil: break
        }
        if let cached = hintCache.value(place) { return cached }
        let hint = try files.hints.hint(key, home: home)
        if let hint { remember(hint) }
        if !doubtfulHints.isEmpty, doubtfulHints.remove(place) != nil, hint == nil {
            hintIndex.remove(key, home: home)
        }
        return hint
    }

    public func hints(_ key: Key) throws -> [HintedObject] {
        if hintIndex.isEmpty { return [] }
        return try hintIndex.homeNames.compactMap { home in try hint(key, home: home) }
    }

    public func hints(home: String, after key: Key?, limit: Int) throws -> [HintedObject] {
        guard hintIndex.hasAny(home: home) else { return [] }
        let changes = layers.hints(home: home, after: key)
        // Each change may hide one row: with that many more read, the first `limit` of what remains are the first of
        // all.
        let rows = try files.hints.hints(home: home, after: key, limit: limit + changes.count, corrupt: onCorruptRow)
        var found = rows.filter { changes[$0.key] == nil }
        for case .store(let hint) in changes.values { found.append(hint) }
        if !changes.isEmpty { found.sort { $0.key < $1.key } }
        return Array(found.prefix(limit))
    }

    public func hintCounts() throws -> [String: Int] { hintIndex.counts }

    public func putHint(_ hint: HintedObject) throws {
        let known: Bool
        do {
            known = try self.hint(hint.key, home: hint.home) != nil
        } catch StoreError.corruptRow {
            known = true
        }
        if !known { hintIndex.add(hint.key, home: hint.home) }
        layers.pending.hints[WriteBatch.HintKey(home: hint.home, key: hint.key)] = .store(hint)
        layers.pending.cost += Self.cost(hint.key, hint.siblings)
        remember(hint)
    }

    public func deleteHint(_ key: Key, home: String) throws {
        let place = WriteBatch.HintKey(home: home, key: key)
        let isThere = try hint(key, home: home) != nil
        guard isThere || layers.writing?.hints[place] != nil else { return }
        if isThere { hintIndex.remove(key, home: home) }
        hintCache.remove(place)
        layers.pending.hints[place] = .delete
        layers.pending.cost += Self.cost(key, nil)
    }

    /// Whether a hint is on disk. One whose row cannot be looked up counts as there, until it can: see ``settleDoubts()``.
    func isDurable(_ place: WriteBatch.HintKey) -> Bool {
        switch layers.durable(place) {
        case .store: return true
        case .delete: return false
        case nil:
            if let found = try? files.hints.contains(place.key, home: place.home) { return found }
            doubtfulHints.insert(place)
            return true
        }
    }

    /// Looks again for the hints that a failing disk left in doubt: one that is not there must not be waited for for ever.
    func settleDoubts() {
        for place in doubtfulHints {
            do { _ = try hint(place.key, home: place.home) } catch { return }
        }
    }

    private func remember(_ hint: HintedObject) {
        let place = WriteBatch.HintKey(home: hint.home, key: hint.key)
        hintCache.insert(place, hint, cost: Self.cost(hint.key, hint.siblings))
    }
}
