import Causality
import Dynamo

/// Makes keys, contexts and siblings at random, the same for the same seed.
struct RandomObjects {
    var random: SplitMix64

    init(seed: UInt64) { random = SplitMix64(seed: seed) }

    mutating func int(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
    mutating func flag() -> Bool { random.next() & 1 == 0 }
    mutating func bytes(_ limit: Int) -> [UInt8] {
        (0..<int(limit)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }

    /// One of a few keys, so that operations meet; some share a prefix, some hold zero bytes.
    mutating func key() -> Key {
        let buckets: [[UInt8]] = [[0], [0, 0], [97], [97, 0], [97, 98], [255]]
        return Key(bucket: buckets[int(buckets.count)], name: [UInt8(int(4))] + (flag() ? [0] : []))
    }

    mutating func context() -> VersionVector {
        VersionVector(
            entries: (0..<int(6)).map { _ in
                .init(actor: actor(), counter: random.next() >> UInt64(int(64)), time: flag() ? random.next() : 0)
            })
    }

    mutating func siblings() -> Siblings {
        var siblings = Siblings()
        let isClassic = flag()
        for _ in 0...int(3) {
            let actor = actor()
            let dot = Dot(actor: actor, counter: siblings.context[actor] + 1 + UInt64(int(5)))
            if isClassic {
                siblings.writeClassic(
                    dot: dot, context: flag() ? siblings.context : VersionVector(), at: random.next(),
                    limit: 1 + int(4),
                    payload: content(), tombstone: flag())
            } else {
                siblings.write(dot: dot, context: VersionVector(), payload: content(), tombstone: flag())
            }
        }
        return Siblings(versions: siblings.versions)
    }

    mutating func content() -> Content {
        var content = Content(value: bytes(60))
        if flag() {
            content.contentType = bytes(10)
            content.charset = bytes(10)
            content.contentEncoding = bytes(10)
            content.userMetadata = (0..<int(3)).map { _ in .init(key: bytes(5), value: bytes(5)) }
            content.indexes = (0..<int(3)).map { _ in .init(key: bytes(5), value: bytes(5)) }
        }
        content.lastModified = random.next()
        return content
    }

    private mutating func actor() -> Actor { Actor(node: "n\(1 + int(4))", incarnation: UInt64(1 + int(3))) }
}
