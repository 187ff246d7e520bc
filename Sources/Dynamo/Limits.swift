/// Bounds on queues, batches and retries: reached only by a flood, a fault or a mistake.
enum Limits {
    /// Client requests and their replication open at a time.
    static let openRequests = 50_000
    /// The longest that a client may ask a request to wait: an hour.
    static let longestTimeout: Int64 = 3_600_000_000_000
    /// Objects in one repair message of an exchange …
    static let repairObjects = 64
    /// … and about as many bytes of values: the object that exceeds it is the last.
    static let repairBytes = 1 << 20
    /// Entries in one message about Merkle leaves, unless a single leaf has more.
    static let leafEntries = 256
    /// Entries that are read of a single leaf.
    static let leafRows = 4096
    /// Rows that the trees may read at a time, for one input …
    static let forestRows = 4096
    /// … and how long they then let others go first, in nanoseconds.
    static let forestPause: Int64 = 20_000_000
    /// Messages about leaves in one exchange; what is left then waits for the next.
    static let exchangeRounds = 4096
    /// Exchanges that this node has begun and that are not over.
    static let openExchanges = 64
    /// Ticks of the exchange timer in which every peer has its turn.
    static let ticksPerSweep = 8
    /// Objects that a home looks at for one question of a listing …
    static let listedEntries = 512
    /// … and about as many bytes of names: the name that exceeds it is the last.
    static let listedBytes = 256 << 10
    /// Questions without a name for an answer after which a page of a listing ends all the same.
    static let listSteps = 8
    /// Hints whose age is looked at in one tick, for each home.
    static let expiryPage = 256
    /// Keys in one round of reaping.
    static let reapBatch = 256
    /// Deleted keys that are remembered to be reaped.
    static let graves = 200_000
    /// The most replicas that a bucket may ask for.
    static let largestN = 1024
    /// Bucket entries in one message.
    static let bucketsPerMessage = 256
    /// An exchange or a batch of hints is given up after that many replica timeouts without an answer.
    static let stallFactor: Int64 = 4
    /// A put that could be acknowledged waits this fraction of the replica timeout for the remaining homes before it
    /// insures them.
    static let graceDivisor: Int64 = 5
    /// Exchanges of a transfer that this node has begun and that are not over.
    static let openTransfers = 4
    /// Keys that may differ for no other reason than that they are being written.
    static let keysInFlight = 8
    /// Objects in one offer of surplus.
    static let surplusObjects = 256
    /// Within so many nanoseconds any peer may answer without being doubted, however quick it usually is: a node that
    /// writes to a disk and shares a processor is not always quick.
    static let leastPromptness: Int64 = 40_000_000
    /// Probes of one peer whose answers are still told from one another.
    static let openProbes = 16
    /// Changes that the membership's log holds, and members that a store can be founded with.
    static let membershipChanges = 4_096, members = 1_024
    /// Changes that a log may have that was heard of: several nodes may each have taken the last one that they had room for,
    /// and must still come to agree.
    static let membershipChangesHeard = 8_192
    /// Peers that are told of news at once; the others hear of it from them, or at the next turn.
    static let gossipFanOut = 8
    /// Bytes of a member's name, zone or address.
    static let nameBytes = 256
}
