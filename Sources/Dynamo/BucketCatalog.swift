/// The buckets' properties that this node knows, reconciled by version.
struct BucketCatalog {
    private var entries: [[UInt8]: BucketEntry] = [:]
    /// A digest of all buckets' versions: nodes with equal ones need not talk about buckets.
    private(set) var version: UInt64 = 0

    init(entries list: [BucketEntry]) {
        for entry in list { entries[entry.bucket] = entry }
        version = digest()
    }

    /// All entries, by bucket.
    var all: [BucketEntry] { entries.values.sorted { $0.bucket.lexicographicallyPrecedes($1.bucket) } }

    /// A bucket's own properties, completed by those of its type.
    func properties(_ bucket: [UInt8]) -> BucketProperties {
        if entries.isEmpty { return BucketProperties() }
        let type = entries[BucketName(stored: bucket).ofType.stored]?.properties ?? BucketProperties()
        return entries[bucket].map { $0.properties.completed(by: type) } ?? type
    }

    /// What was set for a bucket itself.
    func ownProperties(_ bucket: [UInt8]) -> BucketProperties { entries[bucket]?.properties ?? BucketProperties() }

    /// Whether buckets of this type may be used: its properties have been set once, or it is the default.
    func hasType(_ bucket: BucketName) -> Bool { bucket.type.isEmpty || entries[bucket.ofType.stored] != nil }

    /// The entry that setting a bucket here makes: later than the one known.
    func next(_ bucket: [UInt8], _ properties: BucketProperties, setBy node: String) -> BucketEntry {
        let version = entries[bucket]?.version ?? 0
        return BucketEntry(
            bucket: bucket, properties: properties, version: version == .max ? version : version + 1, setBy: node)
    }

    /// Whether an entry is later than the one known.
    func isNews(_ entry: BucketEntry) -> Bool {
        guard let known = entries[entry.bucket] else { return true }
        return (known.version, known.setBy) < (entry.version, entry.setBy)
    }

    mutating func take(_ entry: BucketEntry) {
        entries[entry.bucket] = entry
        version = digest()
    }

    /// The different N of the buckets, ascending.
    var replicaCounts: [Int] { Set(entries.values.compactMap(\.properties.n)).sorted() }

    private func digest() -> UInt64 {
        if entries.isEmpty { return 0 }
        var digest = MD5()
        for entry in all {
            digest.updateField(entry.bucket)
            digest.update(entry.version)
            digest.updateField(Array(entry.setBy.utf8))
        }
        return digest.digest().high
    }
}
