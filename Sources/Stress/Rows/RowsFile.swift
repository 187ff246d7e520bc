import Causality
import Dynamo
import DynamoNode

/// Writes a node's files as a node would, with many rows, faster than clients could ask for it.
enum RowsFile {
    private static let rowsPerBatch = 5_000

    /// Makes a data directory with the plan's rows, each with one version of one coordinator.
    ///
    /// - Throws: ``StoreError``.
    static func write(_ plan: RowsPlan, to directory: String) throws {
        let store = try SQLiteStore(directory: directory)
        let actor = Actor(node: "filler", incarnation: 1)
        let value = [UInt8](repeating: UInt8(ascii: "x"), count: plan.valueSize)
        let bucket = Array(plan.bucket.utf8)
        for first in stride(from: 0, to: plan.keys, by: rowsPerBatch) {
            for key in first..<min(plan.keys, first + rowsPerBatch) {
                var siblings = Siblings()
                siblings.write(
                    dot: Dot(actor: actor, counter: 1), context: VersionVector(), payload: Content(value: value),
                    tombstone: false)
                try store.putObject(Key(bucket: bucket, name: RowsPlan.name(of: key)), siblings)
            }
            try store.commit(store.takeBatch())
            store.committed()
            guard let filling = store.takeFilling() else { continue }
            try store.fill(filling)
            store.filled(ok: true)
        }
        try store.close()
    }
}
