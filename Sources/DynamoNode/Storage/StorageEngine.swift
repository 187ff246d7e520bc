import Dynamo

/// A node's local persistence engine (DeCandia et al. 2007, §5): what keeps its objects and hints, chosen when the node
/// starts. ``SQLiteStore`` on disk, ``MemoryEngine`` in memory.
///
/// Everything is called from one thread but what ``commit`` and ``fill`` return, which others may run meanwhile. A write is
/// applied at once; ``takeBatch()`` hands what was applied to whoever makes it durable, who says with ``committed()`` or
/// ``refused()`` how it ended. Where to make durable is one thing and to put in order another, the second is
/// ``takeFilling()``'s.
public protocol StorageEngine: AnyObject, LocalStore {
    /// Objects stored, durable or not.
    var objectCount: Int { get }
    /// The last batch was refused by the disk and none has been written since, or what is durable cannot be put in order.
    var isFailing: Bool { get }
    /// Told of each corrupt row, once.
    var onCorruptRow: (StoreError) -> Void { get set }

    /// Up to about `limit` objects after a key, in ascending order of position; `next` continues, nil at the end.
    func objects(after key: Key?, limit: Int) throws -> (objects: [(Key, Siblings)], next: Key?)

    /// What has been applied since the last batch; empty when nothing has, or nothing needs writing. One at a time.
    func takeBatch() -> WriteBatch
    /// Whether anything was applied that no batch has taken yet.
    var hasPending: Bool { get }
    /// Writes a batch: when this returns, it is as safe as it will ever be.
    var commit: @Sendable (WriteBatch) throws(StoreError) -> Void { get }
    /// The batch taken last has been written.
    func committed()
    /// The batch taken last has not been written, or not all of it.
    func refused()

    /// How much is durable and not in order yet: as rows, and as about the bytes that they take in memory.
    var unfilled: (rows: Int, bytes: Int) { get }
    /// All that is durable and not in order yet; nil when there is nothing. What ``filled(ok:)`` said had failed comes first,
    /// again. Called between batches, and one at a time.
    func takeFilling() -> Filling?
    /// Puts in order what was taken, beside further commits.
    var fill: @Sendable (Filling) throws(StoreError) -> Void { get }
    /// How ``fill`` ended.
    func filled(ok: Bool)
    /// Puts in order what is left. Nothing may be called after it.
    ///
    /// - Parameter trees: what the Merkle trees know of what is stored, to be kept for the next start.
    func close(keeping trees: MerkleSnapshot?) throws(StoreError)
}

/// What an engine's databases are to be filled with.
public struct Filling: Sendable {
    let changes: WriteBatch
    /// Where the commit log is once the databases have it.
    let mark: CommitLog.Mark
}

extension SQLiteStore: StorageEngine {}

extension StorageEngine {
    public func close() throws(StoreError) { try close(keeping: nil) }
}
