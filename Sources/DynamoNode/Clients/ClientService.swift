import Dynamo
import Foundation
import NIOCore
import RiakProtocol
import SwiftProtobuf

/// Serves one request of Riak's protocol at a time: reads it, has the replica do it, and makes the answer.
final class ClientService {
    typealias Answer = (Result<Frame, ClientFailure>) -> Void

    let replica: ReplicaLoop
    /// Set when the node stops: requests that come after are refused.
    var isClosing = false

    init(replica: ReplicaLoop) { self.replica = replica }

    /// Serves a frame; `answer` is called once, now or later, with the frame to send back.
    func serve(_ frame: Frame, answer: @escaping (Frame) -> Void) {
        let operation = MessageCode(rawValue: frame.code).flatMap(Metrics.Operation.init)
        let started = NIODeadline.now()
        let metrics = replica.metrics
        let finish: Answer = { result in
            if let operation {
                let nanoseconds = (NIODeadline.now() - started).nanoseconds
                metrics.count(operation, ok: result.succeeded, nanoseconds: nanoseconds)
            }
            switch result {
            case .success(let frame): answer(frame)
            case .failure(let failure): answer(Frame(failure))
            }
        }
        do {
            try dispatch(frame, answer: finish)
        } catch {
            finish(.failure(error))
        }
    }

    private func dispatch(_ frame: Frame, answer: @escaping Answer) throws(ClientFailure) {
        if isClosing { throw .shuttingDown }
        switch MessageCode(rawValue: frame.code) {
        case .pingRequest: answer(.success(Frame(.pingResponse)))
        case .getClientIDRequest:
            var response = RpbGetClientIdResp()
            response.clientID = Data([0, 0, 0, 0])
            answer(Self.frame(.getClientIDResponse, response))
        case .setClientIDRequest: answer(.success(Frame(.setClientIDResponse)))
        case .getServerInfoRequest:
            var response = RpbGetServerInfoResp()
            response.node = Data(replica.configuration.node.utf8)
            response.serverVersion = Data(NodeVersion.text.utf8)
            answer(Self.frame(.getServerInfoResponse, response))
        case .getRequest: try get(Self.message(frame), answer: answer)
        case .putRequest: try put(Self.message(frame), answer: answer)
        case .deleteRequest: try delete(Self.message(frame), answer: answer)
        case .getBucketRequest: try getBucket(Self.message(frame), answer: answer)
        case .setBucketRequest: try setBucket(Self.message(frame), answer: answer)
        case .resetBucketRequest: try resetBucket(Self.message(frame), answer: answer)
        default: throw .unknownCode(frame.code)
        }
    }

    func defaults(_ bucket: Data) -> RequestDefaults {
        RequestDefaults(
            bucket: replica.bucketProperties([UInt8](bucket)), configuration: replica.configuration)
    }

    /// Reads a frame's body.
    static func message<M: SwiftProtobuf.Message>(_ frame: Frame) throws(ClientFailure) -> M {
        do {
            return try M(serializedBytes: frame.body)
        } catch {
            throw .malformedBody
        }
    }

    /// A frame with `message`, which has all its required fields.
    static func frame(_ code: MessageCode, _ message: some SwiftProtobuf.Message) -> Result<Frame, ClientFailure> {
        do {
            return .success(try Frame(code, message))
        } catch {
            return .failure(ClientFailure(text: "the answer cannot be encoded: \(error)"))
        }
    }
}

extension Frame {
    /// The error response. Without a body, which every client reads as an error too, in the impossible case that two
    /// plain fields cannot be encoded.
    fileprivate init(_ failure: ClientFailure) {
        var response = RpbErrorResp()
        response.errmsg = Data(failure.text.utf8)
        response.errcode = 0
        self = (try? Frame(.errorResponse, response)) ?? Frame(.errorResponse)
    }
}

extension Metrics.Operation {
    fileprivate init?(_ code: MessageCode) {
        switch code {
        case .getRequest: self = .get
        case .putRequest: self = .put
        case .deleteRequest: self = .delete
        default: return nil
        }
    }
}

extension Result {
    fileprivate var succeeded: Bool {
        if case .success = self { true } else { false }
    }
}
