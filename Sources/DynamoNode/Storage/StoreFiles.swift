/// The two databases of a node, and the order in which a batch goes into them.
struct StoreFiles: Sendable {
    let data: DataFile
    let hints: HintFile

    init(directory: String) throws(StoreError) {
        data = try DataFile(directory: directory)
        hints = try HintFile(directory: directory)
    }

    /// Data first: a hint may name an incarnation, and a number that names a later one must never be lost before it.
    func commit(_ batch: WriteBatch) throws(StoreError) {
        if batch.touchesData { try data.commit(batch) }
        if !batch.hints.isEmpty { try hints.commit(batch) }
    }

    func checkpoint() throws(StoreError) {
        try data.checkpoint()
        try hints.checkpoint()
    }

    func close() throws(StoreError) {
        try data.close()
        try hints.close()
    }
}
