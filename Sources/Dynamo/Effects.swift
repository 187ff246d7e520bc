import Causality

/// Nanoseconds on the monotonic clock of whoever runs the replica: the core has no clock of its own.
public typealias Instant = Int64

/// Names a client request for the time that it is open. Chosen by the shell; never reused while open.
public typealias RequestID = UInt64

/// What happens to a replica.
public enum Input: Sendable {
    case get(RequestID, GetRequest)
    case put(RequestID, PutRequest)
    case setBucket(RequestID, bucket: [UInt8], BucketProperties)
    case list(RequestID, ListRequest)
    /// An administrator's change of the membership; answered by ``Effect/membership(_:_:)``.
    case membership(RequestID, MembershipRequest)
    case message(Message, from: String)
    case timer(Timer)
    /// Everything that was applied to the store before `Effect.sync(token)` is on disk.
    case synced(UInt64)
    /// It is not, and never will be.
    case syncFailed(UInt64, reason: String)
    /// The shell could not deliver to the node (connection refused or lost): a hint to the failure detector, not a
    /// proof.
    case unreachable(node: String)
}

/// What a replica wants done. Interpreted in order.
public enum Effect: Sendable {
    case send(Message, to: String)
    /// Make everything applied to the store so far durable, then hand in ``Input/synced(_:)`` with the token.
    case sync(UInt64)
    /// Hand in ``Input/timer(_:)`` after that many nanoseconds. The same timer set again replaces the earlier one.
    case setTimer(Timer, after: Int64)
    case cancelTimer(Timer)
    case reply(RequestID, ClientReply)
    /// The answer to ``Input/list(_:_:)``.
    case listed(RequestID, Result<ListPage, RequestFailure>)
    case membership(RequestID, MembershipAnswer)
    /// From now on messages may be sent to a node at an address, in place of any earlier address, and are expected from
    /// it.
    case connect(String, address: String)
    /// The node is no longer talked with.
    case disconnect(String)
    case note(Note)
}

/// A replica's timers.
public enum Timer: Hashable, Sendable {
    /// A client request or a piece of replication has waited long enough.
    case request(UInt64)
    /// Probe the other nodes.
    case probe
    /// Try to deliver hints.
    case handoff
    /// Begin the next Merkle exchange.
    case exchange
    /// Check some of what is stored.
    case verify
    /// Go on reading the Merkle trees from the store.
    case forest
    /// Begin the next round of reaping.
    case reap
    /// Tell a random peer what is known of the membership.
    case gossip
    /// Go on with fetching what this node gains.
    case transfer
    /// Look for objects that belong elsewhere, and hand them over.
    case surplus
    /// An exchange, a handoff batch or a round of reaping has had no answer.
    case stalled(UInt64)
}

/// What an operator wants to count or read in a log.
public enum Note: Hashable, Sendable {
    case nodeSuspected(String)
    case nodeRecovered(String)
    case hintStored(home: String)
    case hintDelivered(home: String)
    /// A hint was lost on purpose (a planted flaw).
    case hintDropped(home: String)
    /// A hint was given up because it was older than the configured window: only the Merkle exchange can now bring the
    /// home up to date.
    case hintExpired(home: String)
    /// A put left the key with so many siblings: its clients write without resolving what they read.
    case manySiblings(Key, count: Int)
    case readRepaired(node: String)
    /// An exchange of a ring partition with a peer ended; `keysDiffering` were repaired in either direction.
    case exchanged(partition: Int, peer: String, keysDiffering: Int)
    case forwarded(to: String)
    case quorumFailed(write: Bool)
    /// What is stored for a key is not what was written; the other homes have it still.
    case objectCorrupt(Key)
    /// The disk refused a read or a write that somebody waits for, who is told so and turns to another node.
    case storeRefused(reason: String)
    /// So many tombstones that all homes had were deleted here.
    case tombstonesReaped(Int)
    /// A round of reaping had no answer from a member; its tombstones stay until a later one.
    case reapAborted
    /// The membership changed, or a change was completed; so many are pending.
    case ringChanged(pending: Int)
    /// So many keys were fetched, or found to differ, before this node becomes a home of them.
    case transferred(keys: Int)
    /// A home lacked an object that this node is not home of, and was sent it.
    case surplusSent
    /// An object that this node is not home of was deleted, since every home has it.
    case surplusDeleted
    /// A node told of a membership that is of another store, or beyond bounds.
    case membershipRefused(from: String)
}
