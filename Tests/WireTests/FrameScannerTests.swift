import Dynamo
import Fuzzing
import PeerProtocol
import Testing
import Wire

@Suite struct FrameScannerTests {
    private func scanner() -> FrameScanner {
        FrameScanner(
            isWanted: { PeerSighting.kind($0).map { ["replicate", "repair"].contains($0.name) } ?? false },
            isBegin: PeerSighting.isBegin)
    }

    @Test(arguments: [UInt64(1), 2, 3])
    func framesAreFoundHoweverTheStreamIsCut(seed: UInt64) throws {
        var messages = RandomMessages(seed: seed)
        var random = Random(state: seed)
        let frames = try (0..<400).map { _ in try PeerPacket.message(messages.message()).frame() }
        let stream = frames.flatMap { $0 }
        var scanner = scanner()
        var found: [(length: Int, name: String, body: [UInt8]?)] = []
        var place = 0
        while place < stream.count {
            let end = min(stream.count, place + Int.random(in: 1...300, using: &random))
            stream[place..<end].withUnsafeBytes { bytes in
                scanner.take(bytes) { frame in
                    let name = PeerSighting.kind(frame.body)?.name ?? "?"
                    found.append((frame.length, name, frame.isWhole ? Array(frame.body) : nil))
                }
            }
            place = end
        }
        #expect(!scanner.isLost)
        #expect(found.map(\.length) == frames.map { $0.count - 4 })
        for (seen, frame) in zip(found, frames) {
            #expect(seen.name != "?")
            if seen.name == "replicate" { #expect(seen.body == Array(frame.dropFirst(4))) }
        }
    }

    /// After a gap frames are found again where a segment begins with one, and nowhere else.
    @Test func afterAGapOnlyWhatIsCertainIsRead() throws {
        let small = try PeerPacket.message(.replicated(request: 1, ok: true)).frame()
        let large = try PeerPacket.message(
            .handoff(request: 2, key: Key(bucket: [1], name: [2]), siblings: Siblings())
        ).frame()
        var scanner = scanner()
        var count = 0
        func take(_ bytes: [UInt8]) { bytes.withUnsafeBytes { scanner.take($0) { _ in count += 1 } } }
        take(small)
        scanner.skip(10) { _ in }
        #expect(scanner.isLost && count == 1)
        take(Array(large.dropFirst(3)))
        #expect(scanner.isLost && count == 1, "the middle of a frame is no begin")
        take(large + small)
        #expect(!scanner.isLost && count == 3)
    }

    @Test func aGapInsideABodyThatNobodyWantsCostsNothing() throws {
        let content = Content(value: [UInt8](repeating: 1, count: 500))
        var siblings = Siblings()
        siblings.write(
            dot: .init(actor: .init(node: "n1", incarnation: 1), counter: 1), context: .init(), payload: content,
            tombstone: false)
        let frame = try PeerPacket.message(.handoff(request: 2, key: Key(bucket: [1], name: [2]), siblings: siblings))
            .frame()
        var scanner = scanner()
        var lengths: [Int] = []
        frame[..<100].withUnsafeBytes { scanner.take($0) { lengths.append($0.length) } }
        scanner.skip(200) { lengths.append($0.length) }
        #expect(!scanner.isLost)
        (Array(frame[300...]) + frame).withUnsafeBytes { scanner.take($0) { lengths.append($0.length) } }
        #expect(lengths == [frame.count - 4, frame.count - 4])
    }
}
