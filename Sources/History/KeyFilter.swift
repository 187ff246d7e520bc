/// Which keys a block may have events of, in a few bits for each: a Bloom filter, by which a reader of one key passes over
/// most blocks that have none of it. See "Key filters" in Format.md.
struct KeyFilter: Equatable {
    /// A byte that says how many bits each key sets, then the bits.
    private(set) var bytes: [UInt8]

    private static let bitsOfKey: UInt8 = 4
    private static let sizeLimit = 16_384

    /// A filter for about so many keys.
    init(keys: Int) {
        let size = max(8, min(KeyFilter.sizeLimit, (keys + 7) / 8 * 8))
        bytes = [KeyFilter.bitsOfKey] + [UInt8](repeating: 0, count: size)
    }

    /// The filter that an index holds; nil when it holds none. Throws when it is none of ours.
    init?(_ stored: UnsafeRawBufferPointer) throws(NativeFault) {
        if stored.isEmpty { return nil }
        guard stored.count > 1, stored[0] >= 1, stored[0] <= 16 else {
            throw NativeFault("a key filter is not as the format says")
        }
        bytes = Array(stored)
    }

    mutating func insert(_ key: UnsafeRawBufferPointer) {
        let (first, step) = KeyFilter.hashes(key)
        for number in 0..<UInt64(bytes[0]) {
            let bit = Int((first &+ number &* step) % UInt64((bytes.count - 1) * 8))
            bytes[1 + bit / 8] |= 1 << UInt8(bit % 8)
        }
    }

    /// False only when the block has no event of that key.
    func mayContain(_ key: UnsafeRawBufferPointer) -> Bool {
        let (first, step) = KeyFilter.hashes(key)
        return (0..<UInt64(bytes[0])).allSatisfy { number in
            let bit = Int((first &+ number &* step) % UInt64((bytes.count - 1) * 8))
            return bytes[1 + bit / 8] & 1 << UInt8(bit % 8) != 0
        }
    }

    /// FNV-1a of 64 bits, mixed once more; its halves.
    private static func hashes(_ key: UnsafeRawBufferPointer) -> (first: UInt64, step: UInt64) {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in key { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        hash = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        hash ^= hash >> 33
        return (hash & 0xFFFF_FFFF, hash >> 32 | 1)
    }
}
