import Foundation
import RiakProtocol
import Stress
import Testing

/// The frames made by hand against the generated codecs.
@Suite struct BenchFramesTests {
    private let frames = BenchFrames(bucket: "bench", keys: 1_200, valueSize: 300, seed: 7)

    private func decoded(_ bytes: [UInt8]) throws -> Frame {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        let frame = try #require(try decoder.next())
        #expect(decoder.bufferedCount == 0)
        return frame
    }

    @Test func aGetNamesItsKey() throws {
        let frame = try decoded(frames.gets[1_042])
        #expect(frame.code == MessageCode.getRequest.rawValue)
        let request = try RpbGetReq(serializedBytes: frame.body)
        #expect(request.bucket == Data("bench".utf8))
        #expect(request.key == Data("key00001042".utf8))
    }

    @Test func keysHaveNamesOfTheirOwn() {
        #expect(Set((0..<1_200).map(BenchFrames.name(of:))).count == 1_200)
    }

    @Test(arguments: [0, 1, 127, 128, 4_096])
    func aPutPassesBackTheContext(length: Int) throws {
        let context = (0..<length).map { UInt8(truncatingIfNeeded: $0) }
        let frame = try decoded(frames.put(3, context: context))
        #expect(frame.code == MessageCode.putRequest.rawValue)
        let request = try RpbPutReq(serializedBytes: frame.body)
        #expect(request.key == Data("key00000003".utf8))
        #expect(request.hasVclock == (length > 0))
        #expect(request.vclock == Data(context))
        #expect(request.content.value.count == 300)
        #expect(request.returnHead)
    }

    @Test func aStampStandsAtTheHeadOfTheValueAndNowhereElse() throws {
        let plain = try RpbPutReq(serializedBytes: decoded(frames.put(3, context: [1])).body).content.value
        let frame = try decoded(frames.put(3, context: [1], stamp: 0x0102_0304_0506_0708))
        let request = try RpbPutReq(serializedBytes: frame.body)
        #expect(Array(request.content.value) == [1, 2, 3, 4, 5, 6, 7, 8] + Array(plain.dropFirst(8)))
        #expect(BenchFrames.stamp(in: request.content.value) == 0x0102_0304_0506_0708)
        #expect(BenchFrames.stamp(in: [1, 2, 3]) == nil && request.returnHead)
    }

    @Test func aContextThatGrewTooLongIsLeftOut() throws {
        let frame = try decoded(frames.put(3, context: Array(repeating: 1, count: BenchFrames.longestContext + 1)))
        #expect(try RpbPutReq(serializedBytes: frame.body).hasVclock == false)
    }

    @Test func theContextIsFoundInEveryAnswerHoweverItIsCut() throws {
        var get = RpbGetResp()
        for length in [0, 5, 200] {
            var content = RpbContent()
            content.value = Data(repeating: 9, count: length)
            content.lastMod = 77
            get.content.append(content)
        }
        get.vclock = Data([1, 2, 3])
        var put = RpbPutResp()
        put.vclock = Data([4])
        var error = RpbErrorResp()
        error.errmsg = Data("timeout".utf8)
        error.errcode = 0
        let stream =
            try Frame(.getResponse, get).bytes + Frame(.putResponse, put).bytes + Frame(.putResponse).bytes
            + Frame(.errorResponse, error).bytes
        for piece in [1, 3, 64, stream.count] {
            var reader = AnswerReader()
            var answers: [AnswerReader.Answer] = []
            for start in stride(from: 0, to: stream.count, by: piece) {
                stream[start..<min(start + piece, stream.count)].withUnsafeBytes { reader.append($0) }
                while let answer = try reader.next() { answers.append(answer) }
            }
            #expect(
                answers == [
                    .done(context: [1, 2, 3]), .done(context: [4]), .done(context: []), .refused("timeout"),
                ])
        }
    }

    @Test func bytesThatAreNoAnswerAreRefused() {
        for bytes in [[0, 0, 0, 0, 9], [255, 0, 0, 1, 10], [0, 0, 0, 3, 10, 0x12, 9], [0, 0, 0, 1, 99]] as [[UInt8]] {
            var reader = AnswerReader()
            bytes.withUnsafeBytes { reader.append($0) }
            #expect(throws: AnswerReader.Nonsense.self) { try reader.next() }
        }
    }
}
