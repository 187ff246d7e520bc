import Foundation
import RiakProtocol
import SwiftProtobuf

/// Riak's protocol buffers interface: a frame in, and a frame, or a list of them, out.
struct FrameService {
    /// What goes back to the client: one frame, or a listing of as many as it takes.
    enum Reply {
        case frame(Frame)
        case listing(any FrameListing)
    }

    let service: ClientService

    /// Serves a frame; `answer` is called once, now or later.
    func serve(_ frame: Frame, answer: @escaping (Reply) -> Void) {
        do {
            try dispatch(frame, answer: answer)
        } catch {
            answer(.frame(Frame(error)))
        }
    }

    private func dispatch(_ frame: Frame, answer: @escaping (Reply) -> Void) throws(ClientFailure) {
        if service.isClosing { throw .shuttingDown }
        switch MessageCode(rawValue: frame.code) {
        case .pingRequest: answer(.frame(Frame(.pingResponse)))
        case .getClientIDRequest: answer(.frame(try Self.frame(.getClientIDResponse, Self.clientID)))
        case .setClientIDRequest: answer(.frame(Frame(.setClientIDResponse)))
        case .getServerInfoRequest: answer(.frame(try Self.frame(.getServerInfoResponse, serverInfo)))
        case .getRequest: service.get(try Self.message(frame), answer: Self.framed(.getResponse, answer))
        case .putRequest: service.put(try Self.message(frame), answer: Self.framed(.putResponse, answer))
        case .deleteRequest: service.delete(try Self.message(frame), answer: Self.framed(.deleteResponse, answer))
        case .listBucketsRequest:
            let wire: RpbListBucketsReq = try Self.message(frame)
            let listing = try service.listBuckets(type: wire.type, timeout: wire.timeout)
            answer(.listing(wire.stream ? StreamedFrames.buckets(listing) : BucketsFrame(listing)))
        case .listKeysRequest:
            let wire: RpbListKeysReq = try Self.message(frame)
            let listing = try service.listKeys(bucket: wire.bucket, type: wire.type, timeout: wire.timeout)
            answer(.listing(StreamedFrames.keys(listing)))
        case .getBucketRequest:
            answer(.frame(try Self.frame(.getBucketResponse, try service.getBucket(Self.message(frame)))))
        case .setBucketRequest:
            service.setBucket(try Self.message(frame), answer: Self.empty(.setBucketResponse, answer))
        case .resetBucketRequest:
            service.resetBucket(try Self.message(frame), answer: Self.empty(.resetBucketResponse, answer))
        case .getBucketTypeRequest:
            answer(.frame(try Self.frame(.getBucketResponse, try service.getType(Self.message(frame)))))
        case .setBucketTypeRequest:
            service.setType(try Self.message(frame), answer: Self.empty(.setBucketResponse, answer))
        case .getPreferenceListRequest:
            let response = try service.preferenceList(Self.message(frame))
            answer(.frame(try Self.frame(.getPreferenceListResponse, response)))
        default: throw .unknownCode(frame.code)
        }
    }

    /// Riak's vnodes count writes by themselves and have no use for a client's name; ours do as well.
    private static var clientID: RpbGetClientIdResp {
        var response = RpbGetClientIdResp()
        response.clientID = Data([0, 0, 0, 0])
        return response
    }

    private var serverInfo: RpbGetServerInfoResp {
        var response = RpbGetServerInfoResp()
        response.node = Data(service.replica.configuration.node.utf8)
        response.serverVersion = Data(NodeVersion.riak.utf8)
        return response
    }

    private static func framed<M: SwiftProtobuf.Message>(
        _ code: MessageCode, _ answer: @escaping (Reply) -> Void
    ) -> ClientService.Answer<M> {
        { result in
            do throws(ClientFailure) {
                answer(.frame(try frame(code, try result.get())))
            } catch {
                answer(.frame(Frame(error)))
            }
        }
    }

    private static func empty(
        _ code: MessageCode, _ answer: @escaping (Reply) -> Void
    ) -> ClientService.Answer<Void> {
        { result in
            switch result {
            case .success: answer(.frame(Frame(code)))
            case .failure(let failure): answer(.frame(Frame(failure)))
            }
        }
    }

    /// Reads a frame's body.
    private static func message<M: SwiftProtobuf.Message>(_ frame: Frame) throws(ClientFailure) -> M {
        do {
            return try M(serializedBytes: frame.body)
        } catch {
            throw .malformedBody
        }
    }

    /// A frame with `message`, which has all its required fields.
    static func frame(_ code: MessageCode, _ message: some SwiftProtobuf.Message) throws(ClientFailure) -> Frame {
        do {
            return try Frame(code, message)
        } catch {
            throw ClientFailure(text: "the answer cannot be encoded: \(error)")
        }
    }
}

/// An answer of several frames, made as they go out.
protocol FrameListing: AnyObject {
    /// Makes the next frame; `isLast` says that none comes after it.
    func next(_ done: @escaping (_ frame: Frame, _ isLast: Bool) -> Void)
}

extension Frame {
    /// The error response. Without a body, which every client reads as an error too, in the impossible case that two
    /// plain fields cannot be encoded.
    init(_ failure: ClientFailure) {
        var response = RpbErrorResp()
        response.errmsg = Data(failure.text.utf8)
        response.errcode = 0
        self = (try? Frame(.errorResponse, response)) ?? Frame(.errorResponse)
    }
}
