/// What tells a write from every other, as 64 bits: its key and the dot that its coordinator gave it.
///
/// Two writes that share one by chance (2^-64 a pair) would share their evidence.
package enum WritePrint {
    private static let seed: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The hash of a key under the name by which the store keeps its bucket.
    package static func key(bucket: UnsafeBufferPointer<UInt8>, name: UnsafeBufferPointer<UInt8>) -> UInt64 {
        mixed(hash(name, hash(bucket, seed) ^ 0xff))
    }

    /// The print of the write of a key with the dot (node.incarnation, counter).
    package static func write(key: UInt64, node: UnsafeBufferPointer<UInt8>, incarnation: UInt64, counter: UInt64)
        -> UInt64
    {
        mixed(mixed(hash(node, key) ^ incarnation) &+ counter)
    }

    /// FNV-1a (Fowler, Noll, Vo).
    private static func hash(_ bytes: UnsafeBufferPointer<UInt8>, _ begin: UInt64) -> UInt64 {
        var hash = begin
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return hash
    }

    /// The finalizer of MurmurHash3 (Appleby).
    private static func mixed(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ mixed >> 33) &* 0xff51_afd7_ed55_8ccd
        mixed = (mixed ^ mixed >> 33) &* 0xc4ce_b9fe_1a85_ec53
        return mixed ^ mixed >> 33
    }
}
