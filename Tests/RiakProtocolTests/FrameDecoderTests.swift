import Dynamo
import Foundation
import RiakProtocol
import SwiftProtobuf
import Testing

@Suite("Riak's frames in a stream of bytes")
struct FrameDecoderTests {
    @Test("frames are found however the stream is cut")
    func cutting() throws {
        var random = SplitMix64(seed: 4)
        let frames = (0..<300).map { index in
            Frame(code: UInt8(index % 250), body: Data((0..<(index * 7 % 900)).map { UInt8(truncatingIfNeeded: $0) }))
        }
        var rest = frames.flatMap(\.bytes)[...]
        var decoder = FrameDecoder()
        var found: [Frame] = []
        while !rest.isEmpty {
            let piece = rest.prefix(Int.random(in: 1...500, using: &random))
            rest = rest.dropFirst(piece.count)
            decoder.append(piece)
            while let frame = try decoder.next() { found.append(frame) }
        }
        #expect(found == frames)
    }

    @Test func zeroLength() {
        var decoder = FrameDecoder()
        decoder.append([0, 0, 0, 0])
        #expect(throws: FrameDecoder.Failure.empty) { try decoder.next() }
    }

    @Test("a length over the limit is refused before any of it has come")
    func tooLong() {
        var decoder = FrameDecoder(maximumLength: 100)
        decoder.append([0, 0, 0, 101])
        #expect(throws: FrameDecoder.Failure.tooLong(101)) { try decoder.next() }
    }

    @Test("200,000 random streams: frames or an error, never a trap")
    func fuzz() {
        var random = SplitMix64(seed: 5)
        for _ in 0..<200_000 {
            var decoder = FrameDecoder(maximumLength: 64)
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                let length = Int.random(in: 0...24, using: &random)
                decoder.append((0..<length).map { $0 % 5 < 3 ? 0 : UInt8.random(in: 0...32, using: &random) })
                while let frame = try? decoder.next() {
                    // A body of anything is a message or an error.
                    _ = try? RpbPutReq(serializedBytes: frame.body)
                }
            }
        }
    }
}
