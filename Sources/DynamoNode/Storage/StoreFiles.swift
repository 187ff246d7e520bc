/// The commit log of a node and its two databases, and the order in which changes go into them.
struct StoreFiles: Sendable {
    let data: DataFile
    let hints: HintFile
    let log: CommitLog
    let trees: TreeFile

    init(directory: String) throws(StoreError) {
        data = try DataFile(directory: directory)
        hints = try HintFile(directory: directory)
        log = try CommitLog(directory: directory)
        trees = TreeFile(directory: directory)
    }

    /// Makes the log's first segments, and has the data tell from then on that there is a log.
    func beginLog() throws(StoreError) {
        try log.files.prepare(1)
        try log.files.prepare(2)
        try data.setMark(CommitLog.Mark(segment: 1, record: 0))
    }

    func commit(_ batch: WriteBatch) throws(StoreError) {
        if !batch.isEmpty { try log.append(batch, record: batch.record, segment: batch.segment) }
    }

    /// The hints first: the data's transaction also says that the log is no longer needed.
    func fill(_ filling: Filling) throws(StoreError) {
        try log.files.prepare(filling.mark.segment)
        try log.files.prepare(filling.mark.segment + 1)
        if !filling.changes.hints.isEmpty { try hints.commit(filling.changes) }
        try data.commit(filling.changes, filling.mark)
        try log.files.free(before: filling.mark.segment)
        try data.checkpointIfLong()
        try hints.checkpointIfLong()
    }

    func close() throws(StoreError) {
        try data.close()
        try hints.close()
    }
}
