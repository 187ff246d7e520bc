/// Which keys hold writes that are not on disk yet, and what waits for them to be.
///
/// Reads of the store see writes that a crash can still undo. If such a version left the node, a client could build on
/// a dot that the node, once restarted, assigns anew: nothing read from a key may leave before ``barrier(_:)`` of that
/// key is passed.
struct DurabilityLedger<Waiter> {
    /// The token that the next sync gets.
    private(set) var nextToken: UInt64 = 1
    private var lastWrite: [Key: UInt64] = [:]
    private var written: [UInt64: [Key]] = [:]
    private var waiting: [UInt64: [Waiter]] = [:]

    /// A key was written; the next sync covers it.
    mutating func wrote(_ key: Key) {
        if lastWrite.updateValue(nextToken, forKey: key) != nextToken { written[nextToken, default: []].append(key) }
    }

    /// The sync after which all that the store now holds for a key is on disk; nil when it is.
    func barrier(_ key: Key) -> UInt64? { lastWrite[key] }

    /// Begins a sync.
    mutating func begin() -> UInt64 {
        defer { nextToken += 1 }
        return nextToken
    }

    mutating func wait(for token: UInt64, _ waiter: Waiter) { waiting[token, default: []].append(waiter) }

    /// Ends a sync, well or not: who waited, in the order in which they came, and the keys with no later write.
    mutating func end(_ token: UInt64) -> (waiters: [Waiter], keys: [Key]) {
        let keys = (written.removeValue(forKey: token) ?? []).filter { lastWrite[$0] == token }
        for key in keys { lastWrite[key] = nil }
        return (waiting.removeValue(forKey: token) ?? [], keys)
    }
}
