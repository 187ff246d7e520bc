/// The MD5 message digest (RFC 1321): the paper places keys on the ring by it (DeCandia et al. 2007, §4.2), and Merkle
/// trees are hashed with it. It spreads well, and nothing here relies on it against an adversary.
///
/// Feed it with `update`, in any pieces, then take ``digest()`` once.
package struct MD5 {
    private var state = SIMD4<UInt32>(0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476)
    /// Bytes that do not fill a block of 64 yet.
    private var pending: [UInt8] = []
    private var length: UInt64 = 0

    package init() { pending.reserveCapacity(64) }

    package mutating func update(_ bytes: [UInt8]) {
        length &+= UInt64(bytes.count)
        var next = 0
        if !pending.isEmpty {
            next = min(64 - pending.count, bytes.count)
            pending.append(contentsOf: bytes[..<next])
            if pending.count < 64 { return }
            block(pending, at: 0)
            pending.removeAll(keepingCapacity: true)
        }
        while bytes.count - next >= 64 {
            block(bytes, at: next)
            next += 64
        }
        if next < bytes.count { pending.append(contentsOf: bytes[next...]) }
    }

    /// Eight bytes, the most significant first.
    package mutating func update(_ number: UInt64) {
        length &+= 8
        for shift in stride(from: 56, through: 0, by: -8) {
            pending.append(UInt8(truncatingIfNeeded: number >> UInt64(shift)))
            if pending.count == 64 {
                block(pending, at: 0)
                pending.removeAll(keepingCapacity: true)
            }
        }
    }

    /// The number of bytes, then the bytes: unlike `update`, no two sequences of fields look the same.
    package mutating func updateField(_ bytes: [UInt8]) {
        update(UInt64(bytes.count))
        update(bytes)
    }

    package mutating func update(_ hash: Hash128) {
        update(hash.high)
        update(hash.low)
    }

    /// The digest of everything fed so far; its first byte is the most significant one of the result.
    package consuming func digest() -> Hash128 {
        let bits = length &* 8
        pending.append(0x80)
        while pending.count % 64 != 56 { pending.append(0) }
        for shift in stride(from: 0, through: 56, by: 8) {
            pending.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
        }
        for start in stride(from: 0, to: pending.count, by: 64) { block(pending, at: start) }
        let words = (0..<4).map { UInt64(state[$0].byteSwapped) }
        return Hash128(high: words[0] << 32 | words[1], low: words[2] << 32 | words[3])
    }

    /// 64 bytes of the message; the names are the RFC's.
    private mutating func block(_ bytes: [UInt8], at start: Int) {
        let x = bytes.withUnsafeBytes { $0.loadUnaligned(fromByteOffset: start, as: SIMD16<UInt32>.self) }
        var a = state[0]
        var b = state[1]
        var c = state[2]
        var d = state[3]
        // Every key, content and tree is hashed here: the table is read without a check for each of its elements.
        MD5.sines.withUnsafeBufferPointer { sines in
            func step(_ mixed: UInt32, _ word: Int, _ index: Int, _ shift: UInt32) {
                let sum = a &+ mixed &+ UInt32(littleEndian: x[word & 15]) &+ sines[index]
                (a, d, c, b) = (d, c, b, b &+ (sum &<< shift | sum &>> (32 &- shift)))
            }
            for i in 0..<16 { step(b & c | ~b & d, i, i, MD5.shift(7, 12, 17, 22, i)) }
            for i in 16..<32 { step(b & d | c & ~d, 5 &* i &+ 1, i, MD5.shift(5, 9, 14, 20, i)) }
            for i in 32..<48 { step(b ^ c ^ d, 3 &* i &+ 5, i, MD5.shift(4, 11, 16, 23, i)) }
            for i in 48..<64 { step(c ^ (b | ~d), 7 &* i, i, MD5.shift(6, 10, 15, 21, i)) }
        }
        state &+= SIMD4(a, b, c, d)
    }

    /// The rotation of a step: four amounts in turn.
    private static func shift(_ first: UInt32, _ second: UInt32, _ third: UInt32, _ fourth: UInt32, _ step: Int)
        -> UInt32
    {
        switch step & 3 {
        case 0: first
        case 1: second
        case 2: third
        default: fourth
        }
    }

    /// The integer parts of `2^32 · |sin(i + 1)|`.
    private static let sines: [UInt32] = [
        0xd76a_a478, 0xe8c7_b756, 0x2420_70db, 0xc1bd_ceee, 0xf57c_0faf, 0x4787_c62a, 0xa830_4613, 0xfd46_9501,
        0x6980_98d8, 0x8b44_f7af, 0xffff_5bb1, 0x895c_d7be, 0x6b90_1122, 0xfd98_7193, 0xa679_438e, 0x49b4_0821,
        0xf61e_2562, 0xc040_b340, 0x265e_5a51, 0xe9b6_c7aa, 0xd62f_105d, 0x0244_1453, 0xd8a1_e681, 0xe7d3_fbc8,
        0x21e1_cde6, 0xc337_07d6, 0xf4d5_0d87, 0x455a_14ed, 0xa9e3_e905, 0xfcef_a3f8, 0x676f_02d9, 0x8d2a_4c8a,
        0xfffa_3942, 0x8771_f681, 0x6d9d_6122, 0xfde5_380c, 0xa4be_ea44, 0x4bde_cfa9, 0xf6bb_4b60, 0xbebf_bc70,
        0x289b_7ec6, 0xeaa1_27fa, 0xd4ef_3085, 0x0488_1d05, 0xd9d4_d039, 0xe6db_99e5, 0x1fa2_7cf8, 0xc4ac_5665,
        0xf429_2244, 0x432a_ff97, 0xab94_23a7, 0xfc93_a039, 0x655b_59c3, 0x8f0c_cc92, 0xffef_f47d, 0x8584_5dd1,
        0x6fa8_7e4f, 0xfe2c_e6e0, 0xa301_4314, 0x4e08_11a1, 0xf753_7e82, 0xbd3a_f235, 0x2ad7_d2bb, 0xeb86_d391,
    ]
}

extension Hash128 {
    /// The MD5 digest of some bytes.
    public static func of(_ bytes: [UInt8]) -> Hash128 {
        var digest = MD5()
        digest.update(bytes)
        return digest.digest()
    }
}

extension Key {
    /// Where the key lies on the ring: MD5 of the bucket, with its length before it, and the name (DeCandia et al.
    /// 2007, §4.2).
    public var position: Hash128 {
        var digest = MD5()
        digest.updateField(bucket)
        digest.update(name)
        return digest.digest()
    }
}
