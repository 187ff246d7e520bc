import Foundation
import RiakProtocol
import SwiftProtobuf
import Testing

/// Frames that a real Riak 3.2.1 sent, as hexadecimal digits: what our reading of its protocol is held against.
@Suite("Bytes of a real Riak")
struct TranscriptTests {
    @Test func serverInfo() throws {
        let frame = try only("00000019080a0f7269616b31403132372e302e302e311205332e322e31")
        #expect(frame.code == MessageCode.getServerInfoResponse.rawValue)
        let info = try RpbGetServerInfoResp(serializedBytes: frame.body)
        #expect(info.node == Data("riak1@127.0.0.1".utf8))
        #expect(info.serverVersion == Data("3.2.1".utf8))
    }

    @Test func objectWithContext() throws {
        let frame = try only(
            "0000005e0a0a320a027631120a746578742f706c61696e2a1634344e7a745a423445575162335353375857666c746c38a1948cd80"
                + "64082d02812276bce61606060cc60ca05523c072fc573f2c52f2b60605017cc604a64cc6365506c2b7fc2970500")
        let response = try RpbGetResp(serializedBytes: frame.body)
        let content = try #require(response.content.first)
        #expect(response.content.count == 1)
        #expect(content.value == Data("v1".utf8))
        #expect(content.contentType == Data("text/plain".utf8))
        #expect(content.vtag == Data("44NztZB4EWQb3SS7XWfltl".utf8))
        #expect(content.lastMod == 1_795_361_313)
        #expect(content.lastModUsecs == 665_602)
        #expect(!content.hasDeleted)
        #expect(response.vclock.first == UInt8(ascii: "k"))
        #expect(response.vclock.count == 39)
    }

    @Test("what was decoded encodes to the same bytes")
    func reencoded() throws {
        let digits =
            "0000009a0a0a300a00120a746578742f706c61696e2a1634344e7a745a423445575162335353375857666c746c38a1948cd80"
            + "64082d0280a2f0a00120a746578742f706c61696e2a15784e4655655046394159473530644a71717235594738a1948cd80"
            + "640f3fd2912346bce61606060ca60ca05521c072d3336f11566e767302532e6b13228b6953fe18348f1"
            + "1cbc14cfc917bfac8081415d10593a0b00"
        let frame = try only(digits)
        let response = try RpbGetResp(serializedBytes: frame.body)
        #expect(response.content.count == 2)
        #expect(try Frame(.getResponse, response).bytes == bytes(digits))
    }

    @Test func unchanged() throws {
        let response = try RpbGetResp(serializedBytes: try only("000000030a1801").body)
        #expect(response.unchanged)
        #expect(response.content.isEmpty)
    }

    @Test func errors() throws {
        let frame = try only("00000018000a137b6e5f76616c5f76696f6c6174696f6e2c337d1000")
        #expect(frame.code == MessageCode.errorResponse.rawValue)
        let error = try RpbErrorResp(serializedBytes: frame.body)
        #expect(error.errmsg == Data("{n_val_violation,3}".utf8))
        #expect(error.errcode == 0)
    }

    @Test func bucketProperties() throws {
        let frame = try only(
            "00000092140a8e010803100118002801380142220a0e7269616b5f636f72655f7574696c121063686173685f7374645f"
                + "6b657966756e4a2b0a167269616b5f6b765f776d5f6c696e6b5f77616c6b657212116d61707265647563655f6c"
                + "696e6b66756e5080a305581460326832700078fdffffff0f8001fdffffff0f8801009001fdffffff0f"
                + "9801fdffffff0fa00100a80101e00100")
        let props = try RpbGetBucketResp(serializedBytes: frame.body).props
        #expect(props.nVal == 3)
        #expect(props.allowMult)
        #expect(props.r == QuorumWord.quorum)
        #expect(props.pr == 0)
        #expect(props.notfoundOk)
    }

    @Test("requests are the bytes that Riak's own clients send")
    func requests() throws {
        var get = RpbGetReq()
        get.bucket = Data("g1795361311".utf8)
        get.key = Data("k2".utf8)
        get.r = QuorumWord.one
        #expect(
            try Frame(.getRequest, get).bytes == bytes("00000018090a0b673137393533363133313112026b3218feffffff0f"))
        var put = RpbPutReq()
        put.bucket = Data("g1795361311".utf8)
        put.key = Data("k".utf8)
        put.content.value = Data("v1".utf8)
        put.content.contentType = Data("text/plain".utf8)
        #expect(
            try Frame(.putRequest, put).bytes
                == bytes("000000230b0a0b673137393533363133313112016b22100a027631120a746578742f706c61696e"))
    }

    private func only(_ digits: String) throws -> Frame {
        var decoder = FrameDecoder()
        decoder.append(bytes(digits))
        let frame = try #require(try decoder.next())
        #expect(decoder.bufferedCount == 0)
        return frame
    }

    private func bytes(_ digits: String) -> [UInt8] {
        stride(from: 0, to: digits.utf8.count, by: 2).map { offset in
            let start = digits.index(digits.startIndex, offsetBy: offset)
            return UInt8(digits[start..<digits.index(start, offsetBy: 2)], radix: 16) ?? 0
        }
    }
}
