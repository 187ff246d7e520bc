import Dynamo

/// Spoils bytes at random: what was valid becomes nearly so.
struct Mutator {
    private var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    /// Values at which lengths and counts are mistaken most often.
    private static let edges: [UInt8] = [0, 1, 0x7F, 0x80, 0xFE, 0xFF]
    /// No input grows beyond this.
    private static let longest = 65_536

    /// One to seven changes to an entry of the corpus, or once in a while none, or bytes out of nothing.
    mutating func input(from corpus: [[UInt8]]) -> [UInt8] {
        let choice = random.next() % 64
        if choice == 0 || corpus.isEmpty { return noise(Int(random.next() % 200)) }
        var bytes = corpus[below(corpus.count)]
        if choice == 1 { return bytes }
        // Mostly one: what is spoilt in many places rarely gets past the first check.
        for _ in 0...(below(3) == 0 ? below(7) : 0) { change(&bytes, corpus) }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ corpus: [[UInt8]]) {
        guard !bytes.isEmpty else {
            bytes = noise(8)
            return
        }
        let position = below(bytes.count)
        switch random.next() % 9 {
        case 0: bytes[position] ^= 1 << UInt8(below(8))
        case 1: bytes[position] = UInt8(truncatingIfNeeded: random.next())
        case 2: bytes[position] = Self.edges[below(Self.edges.count)]
        case 3: bytes.remove(at: position)
        case 4: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
        case 5: bytes.removeLast(bytes.count - position)
        case 6:
            // A varint of ten bytes, or one that never ends.
            let count = 1 + below(11)
            bytes.insert(contentsOf: Array(repeating: 0xFF, count: count), at: position)
        case 7:
            let length = 1 + below(min(64, bytes.count - position))
            if bytes.count + length <= Self.longest {
                bytes.insert(contentsOf: Array(bytes[position..<(position + length)]), at: position)
            }
        default:
            let other = corpus[below(corpus.count)]
            guard !other.isEmpty else { return }
            bytes = Array((bytes[..<position] + other[below(other.count)...]).prefix(Self.longest))
        }
    }

    private mutating func noise(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    private mutating func below(_ bound: Int) -> Int { Int(random.next() % UInt64(max(1, bound))) }
}
