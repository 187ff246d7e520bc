/// The buckets' properties that this node knows, reconciled by version.
struct BucketCatalog {
    private var entries: [[UInt8]: BucketEntry] = [:]
    /// A digest of all buckets' versions: nodes with equal ones need not talk about buckets.
    private(set) var version: UInt64 = 0
    /// Some entry is a bucket type's. Where there is none, buckets need not be taken apart to look for theirs.
    private var hasTypes = false

    init(entries list: [BucketEntry]) {
        for entry in list { keep(entry) }
        version = digest()
    }

    /// All entries, by bucket.
    var all: [BucketEntry] { entries.values.sorted { $0.bucket.lexicographicallyPrecedes($1.bucket) } }

    /// A bucket's own properties, completed by those of its type.
    func properties(_ bucket: [UInt8]) -> BucketProperties {
        if entries.isEmpty { return BucketProperties() }
        let own = ownProperties(bucket)
        if !hasTypes { return own }
        return own.completed(by: ownProperties(BucketName(stored: bucket).ofType.stored))
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
        keep(entry)
        version = digest()
    }

    private mutating func keep(_ entry: BucketEntry) {
        entries[entry.bucket] = entry
        if entry.bucket.first == 0, BucketName(stored: entry.bucket).name.isEmpty { hasTypes = true }
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
