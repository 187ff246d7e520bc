/// The keys of which nothing but tombstones is stored here, each with the time since when: what may be reaped one day.
struct Graves {
    private var since: [Key: Instant] = [:]
    /// In order of time; entries that ``since`` does not confirm are void.
    private var queue: [(key: Key, since: Instant)] = []
    private var head = 0

    /// The key has become a grave, or another one than before. Too many are not remembered: the check of all that
    /// is stored finds them again.
    mutating func dig(_ key: Key, at now: Instant) {
        guard since.count < Limits.graves || since[key] != nil else { return }
        since[key] = now
        queue.append((key, now))
    }

    func contains(_ key: Key) -> Bool { since[key] != nil }

    /// The key lives again, or is gone.
    mutating func close(_ key: Key) {
        if !since.isEmpty { since[key] = nil }
    }

    /// Takes up to `limit` keys that have been graves since `instant` or before, the oldest first. Who does not reap
    /// them digs them anew.
    mutating func take(since instant: Instant, limit: Int) -> [Key] {
        var keys: [Key] = []
        while keys.count < limit, head < queue.count, queue[head].since <= instant {
            let entry = queue[head]
            head += 1
            if since[entry.key] == entry.since { keys.append(entry.key) }
        }
        if head > 1024, head * 2 > queue.count {
            queue.removeFirst(head)
            head = 0
        }
        return keys
    }
}
