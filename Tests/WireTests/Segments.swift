import Wire

/// Captured frames, made by hand.
enum Segments {
    static let synchronize: UInt8 = 0x02
    static let acknowledge: UInt8 = 0x10
    static let end: UInt8 = 0x01
    static let reset: UInt8 = 0x04

    /// An Ethernet frame with a TCP segment in it.
    static func frame(
        from: (address: UInt32, port: UInt16), to: (address: UInt32, port: UInt16), sequence: UInt32,
        acknowledgement: UInt32? = nil, flags: UInt8 = 0, payload: [UInt8] = []
    ) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: 12) + [0x08, 0x00]
        let total = 40 + payload.count
        frame += [0x45, 0, UInt8(total >> 8 & 0xff), UInt8(total & 0xff), 0, 0, 0x40, 0, 64, 6, 0, 0]
        frame += bytes(from.address) + bytes(to.address)
        frame += [UInt8(from.port >> 8), UInt8(from.port & 0xff), UInt8(to.port >> 8), UInt8(to.port & 0xff)]
        frame += bytes(sequence) + bytes(acknowledgement ?? 0)
        frame += [0x50, flags | (acknowledgement == nil ? 0 : acknowledge), 0xff, 0xff, 0, 0, 0, 0]
        return frame + payload
    }

    private static func bytes(_ number: UInt32) -> [UInt8] { withUnsafeBytes(of: number.bigEndian) { Array($0) } }
}

/// A generator with a known course (splitmix64).
struct Random: RandomNumberGenerator {
    var state: UInt64
    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
