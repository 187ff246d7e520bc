import Foundation
import RiakProtocol
import SwiftProtobuf
import Testing

/// The requests that a real Riak was asked, to a node of ours: everything in the answers must be as it was there but
/// what depends on chance or time, which is tags, times and the bytes of contexts.
@Suite("A real Riak's transcript, replayed", .serialized)
struct TranscriptReplayTests {
    /// A content without what depends on chance or time.
    private struct Seen: Hashable {
        var value: Data
        var type: Data
        var deleted: Bool
        var hasTag: Bool
        var hasTime: Bool

        init(_ content: RpbContent) {
            value = content.value
            type = content.contentType
            deleted = content.deleted
            hasTag = content.hasVtag
            hasTime = content.hasLastMod && content.hasLastModUsecs
        }
    }

    /// Our context for each of Riak's.
    private var contexts: [Data: Data] = [:]

    @Test("every answer has the fields that Riak's had")
    mutating func replay() throws {
        let cluster = try Cluster(5, options: ["--request-timeout", "10s"])
        let client = try cluster.client("n1")
        for step in RiakTranscript.steps {
            let theirs = try Self.frame(step.answer)
            try client.send(try translated(Self.frame(step.request)).bytes)
            let ours = try client.anyAnswer()
            #expect(ours.code == theirs.code, "\(step.name)")
            guard ours.code == theirs.code else { continue }
            switch MessageCode(rawValue: theirs.code) {
            case .errorResponse:
                #expect(try Self.read(RpbErrorResp.self, ours) == Self.read(RpbErrorResp.self, theirs), "\(step.name)")
            case .getResponse:
                let (mine, riak) = (try Self.read(RpbGetResp.self, ours), try Self.read(RpbGetResp.self, theirs))
                compare(mine.content, riak.content, mine.vclock, riak.vclock, step.name)
                #expect(mine.unchanged == riak.unchanged, "\(step.name)")
            case .putResponse:
                let (mine, riak) = (try Self.read(RpbPutResp.self, ours), try Self.read(RpbPutResp.self, theirs))
                compare(mine.content, riak.content, mine.vclock, riak.vclock, step.name)
                #expect(mine.hasKey == riak.hasKey, "\(step.name)")
            default: #expect(ours.body == theirs.body, "\(step.name)")
            }
        }
    }

    private mutating func compare(
        _ ours: [RpbContent], _ theirs: [RpbContent], _ context: Data, _ riaks: Data, _ step: String
    ) {
        #expect(Set(ours.map(Seen.init)) == Set(theirs.map(Seen.init)), "\(step)")
        #expect(ours.count == theirs.count, "\(step)")
        #expect(context.isEmpty == riaks.isEmpty, "\(step)")
        contexts[riaks] = context
    }

    /// A request with our contexts in place of Riak's.
    private func translated(_ frame: Frame) throws -> Frame {
        switch MessageCode(rawValue: frame.code) {
        case .getRequest:
            var request = try Self.read(RpbGetReq.self, frame)
            if request.hasIfModified { request.ifModified = contexts[request.ifModified] ?? Data() }
            return try Frame(.getRequest, request)
        case .putRequest:
            var request = try Self.read(RpbPutReq.self, frame)
            if request.hasVclock { request.vclock = contexts[request.vclock] ?? Data() }
            return try Frame(.putRequest, request)
        case .deleteRequest:
            var request = try Self.read(RpbDelReq.self, frame)
            if request.hasVclock { request.vclock = contexts[request.vclock] ?? Data() }
            return try Frame(.deleteRequest, request)
        default: return frame
        }
    }

    private static func read<M: SwiftProtobuf.Message>(_: M.Type, _ frame: Frame) throws -> M {
        try M(serializedBytes: frame.body)
    }

    private static func frame(_ hexadecimal: String) throws -> Frame {
        var bytes: [UInt8] = []
        var rest = hexadecimal[...]
        while !rest.isEmpty {
            bytes.append(try #require(UInt8(rest.prefix(2), radix: 16)))
            rest = rest.dropFirst(2)
        }
        var decoder = FrameDecoder()
        decoder.append(bytes)
        return try #require(try decoder.next())
    }
}
