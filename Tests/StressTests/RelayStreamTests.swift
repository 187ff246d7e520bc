import Controller
import Nemesis
import Testing

/// One direction of a relayed connection, without sockets and clocks.
@Suite struct RelayStreamTests {
    private static let link = DirectedLink(from: "n1", to: "n2")

    private func shape(_ change: (inout LinkShape) -> Void) -> LinkShape {
        var shape = LinkShape(link: Self.link)
        change(&shape)
        return shape
    }

    @Test func delaysNeverReorderAStream() {
        var stream = RelayStream(link: Self.link, seed: 3)
        let late = shape { ($0.delay, $0.jitter) = (10_000, 50_000) }
        for time in 0..<200 as Range<Int64> { stream.append([1], at: time * 10, shape: late) }
        // The shape is gone, but what came before it still waits.
        stream.append([2], at: 2_001, shape: nil)
        let dues = stream.pieces.map(\.due)
        #expect(dues == dues.sorted())
        #expect(zip(stream.pieces, 0..<200).allSatisfy { $0.due >= Int64($1) * 10 + 10_000 })
        #expect((stream.pieces.last?.due ?? 0) > 12_000)
    }

    @Test func aRateLimitLetsNoMoreThroughThanItSays() {
        var stream = RelayStream(link: Self.link, seed: 1)
        let narrow = shape { $0.rate = 1_000 }
        for _ in 0..<10 { stream.append([UInt8](repeating: 0, count: 100), at: 0, shape: narrow) }
        #expect(stream.pieces.map(\.due) == (0..<10).map { Int64($0) * 100_000_000 })
    }

    @Test func whatWaitsIsBoundedAndWrittenInPieces() throws {
        var stream = RelayStream(link: Self.link, seed: 1)
        while stream.hasRoom { stream.append([UInt8](repeating: 7, count: 65_536), at: 5, shape: nil) }
        #expect(stream.waiting >= RelayStream.most && stream.waiting < RelayStream.most + 65_536)
        #expect(stream.wrote(65_535) == nil)
        let written = stream.wrote(1)
        let whole = try #require(written)
        #expect(whole.bytes.count == 65_536 && whole.read == 5)
        #expect(stream.hasRoom)
        stream.drop()
        #expect(stream.nextDue == nil && stream.waiting == 0)
    }
}
