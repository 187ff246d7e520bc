import Dynamo
import Testing

/// The ring as ranges of positions, and entries in order of position.
struct RingSliceTests {
    @Test(arguments: [1, 3, 7, 64, 1_000, 1 << 18])
    func slicesAreWhatPartitionsHold(count: Int) throws {
        let ring = try Ring(members: [Member(name: "n1")], partitions: min(count, 1_000), n: 1)
        var random = SplitMix64(seed: UInt64(count))
        let some = [0, count - 1] + (0..<20).map { _ in Int(random.next() % UInt64(count)) }
        for index in some {
            let slice = Hash128.slice(index, of: count)
            if index > 0 { #expect(Hash128.slice(index - 1, of: count).upperBound < slice.lowerBound) }
            if count <= 1_000 {
                #expect(ring.partition(of: slice.lowerBound) == index)
                #expect(ring.partition(of: slice.upperBound) == index)
                #expect(ring.positions(of: index) == slice)
            }
        }
        #expect(Hash128.slice(0, of: count).lowerBound == .zero)
        #expect(Hash128.slice(count - 1, of: count).upperBound == Hash128(high: .max, low: .max))
        for _ in 0..<20 {
            let position = Hash128(high: random.next(), low: random.next())
            #expect(ring.positions(of: ring.partition(of: position)).contains(position))
        }
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func theIndexReadsAsASortedList(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var index = PositionIndex()
        var model: [Key: Hash128] = [:]
        for _ in 0..<300 {
            let name = key("k\(random.next() % 60)")
            let hash = random.next() % 3 == 0 ? nil : Hash128(high: random.next(), low: 0)
            index.set(name, hash: hash)
            model[name] = hash
            let ends = [random.next(), random.next()].sorted().map { Hash128(high: $0, low: 0) }
            let after = random.next() & 1 == 0 ? key("k\(random.next() % 60)") : nil
            let limit = Int(random.next() % 20)
            let expected = model.map { StoredEntry(position: $0.key.position, key: $0.key, hash: $0.value) }
                .filter { (ends[0]...ends[1]).contains($0.position) }
                .filter { entry in after.map { $0.position < entry.position } ?? true }
                .sorted().prefix(limit)
            #expect(index.entries(from: ends[0], through: ends[1], after: after, limit: limit) == Array(expected))
        }
    }
}
