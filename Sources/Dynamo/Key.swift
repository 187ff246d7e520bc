/// A key within its bucket. Buckets and keys are bytes, as Riak's protocol has them.
public struct Key: Hashable, Comparable, Sendable {
    public var bucket: [UInt8]
    public var name: [UInt8]

    public init(bucket: [UInt8], name: [UInt8]) {
        self.bucket = bucket
        self.name = name
    }

    /// By bucket, then by name, byte for byte.
    public static func < (left: Key, right: Key) -> Bool {
        left.bucket == right.bucket
            ? left.name.lexicographicallyPrecedes(right.name) : left.bucket.lexicographicallyPrecedes(right.bucket)
    }
}

/// What a client stored under a dot: its bytes and what it said of them.
public struct Content: Hashable, Sendable {
    public var value: [UInt8]
    public var contentType: [UInt8] = []
    public var charset: [UInt8] = []
    public var contentEncoding: [UInt8] = []
    /// Metadata pairs of the client, in its order.
    public var userMetadata: [Pair] = []
    /// Secondary index entries, kept and given back; nothing is looked up by them.
    public var indexes: [Pair] = []
    /// When the coordinator took the write, in microseconds since 1970, by its wall clock. Told to clients, never used
    /// to order versions.
    public var lastModified: UInt64 = 0

    public struct Pair: Hashable, Sendable {
        public var key: [UInt8]
        public var value: [UInt8]
        public init(key: [UInt8], value: [UInt8]) {
            self.key = key
            self.value = value
        }
    }

    public init(value: [UInt8]) { self.value = value }
}
