/// The load's random numbers: SplitMix64 (Steele, Lea and Flood, OOPSLA 2014). One seed gives many streams, one for each client
/// process, so that what one process draws does not depend on how fast the others are.
public struct SeededRandom: RandomNumberGenerator, Sendable, Hashable {
    private var state: UInt64

    /// A stream of its own for each pair of seed and stream number.
    public init(seed: UInt64, stream: UInt64) {
        state = Self.mix(seed) ^ Self.mix(stream &+ 0x6A09_E667_F3BC_C909)
    }

    public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    /// A number from 0 to `bound` - 1; 0 for a bound below 2. Not the standard library's way, which may change between versions.
    public mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        // The high half of the product: the bias is below bound / 2^64.
        return Int(truncatingIfNeeded: next().multipliedFullWidth(by: UInt64(bound)).high)
    }

    /// A number in 0..<1 with 53 random bits.
    public mutating func unit() -> Double {
        Double(next() >> 11) * 0x1p-53
    }

    private static func mix(_ value: UInt64) -> UInt64 {
        var mixed = value
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
