/// A known fault, planted to prove that the bench finds it. Each is one guarded line, and each is a bug that a store of
/// this family really had: the number after the story names the issue, pull request or article where it can be read.
///
/// `Flaws.md` has the table: what exposes each, and what it is found by.
public enum Flaw: String, Sendable, CaseIterable {
    // MARK: Versions

    /// A node that lost its disk goes on under its old actor and counts from one again: what it coordinates next is
    /// taken for old (basho/riak_kv#679).
    case reusedActor = "reused-actor"
    /// A fallback that has handed a key home forgets how far it had counted, and counts from one again under the same
    /// actor (basho/riak_kv#1643).
    case fallbackAmnesia = "fallback-amnesia"
    /// A reaped tombstone takes the coordinator's counter with it: a context from before the delete swallows writes made
    /// after it (basho/riak_kv#226).
    case counterRestart = "counter-restart"
    /// A key that was deleted is written anew as if it had never been: the old tombstone, where it is still held,
    /// dominates the new value (basho/riak_kv#1094, #847).
    case doomstone
    /// A merge unites what both sides hold and does not look which of it is superseded: siblings breed siblings
    /// (basho/riak_kv#746).
    case unionMerge = "union-merge"
    /// A merge drops a version whose dot the other side's clock has, also when the other side still holds it: both
    /// copies go (basho/riak_kv#813).
    case skewedDots = "skewed-dots"
    /// A merge keeps what was superseded and drops what supersedes it: before and after are swapped (voldemort/voldemort#21).
    case compareSwapped = "compare-swapped"
    /// A merge keeps the version with the latest wall clock: last writer wins (aphyr.com/posts/285).
    case wallClockMerge = "wall-clock-merge"
    /// A replica takes nothing with an older time stamp than what it holds: a clock that runs ahead shadows all later
    /// writes (scylladb/scylladb#10966).
    case stampShadows = "stamp-shadows"
    /// The coordinator forgets what the client had seen: nothing is ever superseded (basho/riak_kv#746).
    case forgottenContext = "forgotten-context"
    /// The coordinator adds its own clock to the client's: a write replaces what its writer never saw
    /// (basho/riak_kv#1754).
    case clockOverLocal = "clock-over-local"
    /// Clocks are cut to their two greatest entries: a descendant looks concurrent with its ancestor
    /// (basho/riak_core#613).
    case prunedClocks = "pruned-clocks"
    /// Plain version vectors: two writes through one coordinator by clients that had seen the same are not told apart,
    /// and the second swallows the first (riak-users, April 2011, message 23584).
    case plainVectors = "plain-vectors"
    /// A replica counts an event of its own for each write that it stores for a coordinator (basho/riak_kv#334).
    case replicaIncrements = "replica-increments"
    /// More than three siblings are more than are kept: the oldest go, and nobody is told (riak_test
    /// `verify_object_limits`).
    case siblingsDropped = "siblings-dropped"

    // MARK: Requests

    /// A node that forwards a put executes it as well (basho/riak_kv#838).
    case forwardedTwice = "forwarded-twice"
    /// A forwarded put whose answer is late is executed again elsewhere (basho/riak_kv#1755).
    case forwardRetried = "forward-retried"
    /// A get shows one sibling of several (basho/riak#511).
    case oneSiblingRead = "one-sibling-read"
    /// W counts the places of the ring that a node fills, not nodes: one copy is enough (basho/riak_kv#1663).
    case virtualW = "virtual-w"
    /// Near the seam of the ring two of a key's replicas are claimed by one node, so that there are only two
    /// (basho/riak_core#913).
    case seamClaim = "seam-claim"
    /// A put is acknowledged before W nodes hold it: as soon as its coordinator does.
    case ackEarly = "ack-early"
    /// A put is acknowledged before each absent home has a hint somewhere (scylladb/scylladb#19703).
    case uninsuredPut = "uninsured-put"
    /// A replica stores what a coordinator sends in place of what it has (weaviate/weaviate#12361).
    case replicateOverwrites = "replicate-overwrites"
    /// A disk that refuses a write is taken for one that took it (basho/riak_kv#1714).
    case swallowedError = "swallowed-error"
    /// What is read may leave the node before it is on disk, and be undone by a crash (basho/riak_kv#679).
    case readBeforeDurable = "read-before-durable"

    // MARK: Hinted handoff

    /// Hints are dropped when the node restarts (basho/riak_core#154).
    case forgetHints = "forget-hints"
    /// Hints are looked for when a home comes back, and never again (basho/riak_kv#847).
    case hintsOnRecoveryOnly = "hints-on-recovery-only"
    /// A hint is deleted when it was sent, and not when it has arrived (basho/riak_core#553).
    case hintDeletedOnSend = "hint-deleted-on-send"
    /// Hints for a home that is away for long are given up (Cassandra's `max_hint_window_in_ms`).
    case hintsExpire = "hints-expire"
    /// A hint that arrives home replaces what is there (weaviate/weaviate#12361).
    case handoffOverwrites = "handoff-overwrites"
    /// Handoff leaves deletes out (basho/riak_kv#1850).
    case handoffSkipsDeletes = "handoff-skips-deletes"

    // MARK: Anti-entropy

    /// The Merkle exchange compares but never repairs (basho/riak_core#828).
    case noExchange = "no-exchange"
    /// A tree combines its leaves by exclusive or: equal changes cancel out (martinsumner/leveled#207).
    case xorLeaves = "xor-leaves"
    /// A tree says for ever what it said first: data empty, trees in agreement (basho/riak_kv#1759).
    case frozenTree = "frozen-tree"
    /// Some ranges are compared with nobody (basho/riak_kv#1106).
    case skippedRanges = "skipped-ranges"
    /// The exchange leaves tombstones out (basho/riak_kv#1814).
    case exchangeSkipsDeletes = "exchange-skips-deletes"
    /// What an exchange brings replaces what is there (weaviate/weaviate#12361).
    case exchangeOverwrites = "exchange-overwrites"

    // MARK: Deletes

    /// Tombstones are reaped although a member is away that may hold something older (basho/riak_kv#311, #1869).
    case reapWithoutAbsent = "reap-without-absent"
    /// Tombstones are reaped where they are written (basho/riak_kv#226).
    case immediateReap = "immediate-reap"

    // MARK: Changes of the ring

    /// Writes go to the old owners only while data moves (scylladb/scylladb#2308).
    case oldOwnersOnly = "old-owners-only"
    /// A new owner says that it has everything before it has fetched it (basho/riak_kv#223).
    case readyWithoutData = "ready-without-data"
}

extension Replica {
    /// Whether this is the planted fault.
    func has(_ flaw: Flaw) -> Bool { configuration.flaw == flaw }
}
