import Causality

/// Digits, capitals and small letters, as Riak writes version tags and the keys that it makes up.
enum Base62 {
    private static let digits = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz".utf8)

    static func text(_ number: UInt128) -> [UInt8] {
        var rest = number
        var text: [UInt8] = []
        repeat {
            text.append(digits[Int(rest % 62)])
            rest /= 62
        } while rest > 0
        return text.reversed()
    }
}

/// The tag by which a client tells versions of a key apart: made from the dot, so that every node gives the same.
enum VersionTag {
    static func of(_ dot: Dot) -> [UInt8] { of(bytes: Array(dot.description.utf8)) }

    static func of(bytes text: [UInt8]) -> [UInt8] {
        let high = fnv1a(text, basis: 0xCBF2_9CE4_8422_2325)
        let low = fnv1a(text.reversed(), basis: 0x8422_2325_CBF2_9CE4)
        return Base62.text(UInt128(high) << 64 | UInt128(low))
    }

    private static func fnv1a(_ bytes: some Sequence<UInt8>, basis: UInt64) -> UInt64 {
        bytes.reduce(basis) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}

/// A key for an object that its client did not name.
enum GeneratedKey {
    static func make() -> [UInt8] { Base62.text(UInt128.random(in: (1 << 120)...UInt128.max)) }
}
