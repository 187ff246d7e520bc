/// What one client process keeps between its operations.
struct ClientMind: Sendable {
    var random: SeededRandom
    /// A write that waits for the answer to the read just given out.
    var postponed: (intent: Intent, rank: Int)?
    /// The last answered read of each key, by rank.
    var memories: [Int: Memory] = [:]
    private var writes = 0

    init(random: SeededRandom) { self.random = random }

    enum Intent: Sendable {
        case put, delete

        /// What it comes to once the key was read; nil when there is nothing to delete.
        func write(after memory: Memory) -> Intent? {
            self == .put || memory.canDelete ? self : nil
        }
    }

    struct Memory: Sendable {
        var context: [UInt8]?
        var seen: [String]
        /// Empty unless values are carts.
        var cart: Cart

        /// A delete must pass back a context: without one a store reads first and deletes what it finds, unseen by the client.
        var canDelete: Bool { context != nil && !seen.isEmpty }
    }

    /// `<process>-<n>`: unique in the history, since no two processes share a number.
    mutating func nextID(_ process: Int64) -> String {
        writes += 1
        return "\(process)-\(writes)"
    }
}
