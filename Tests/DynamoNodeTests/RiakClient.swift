import Foundation
import RiakProtocol
import SwiftProtobuf

/// A client of the node's protocol buffers port, one request at a time.
final class RiakClient {
    /// An error response.
    struct Refused: Error, Hashable {
        var text: String
    }

    /// The connection ended where an answer was due.
    struct Closed: Error {}

    let bucket: String
    private let socket: Socket
    private var decoder = FrameDecoder()

    init(port: UInt16, bucket: String = "b") throws {
        socket = try Socket(port: port)
        self.bucket = bucket
    }

    func get(_ key: String, _ configure: (inout RpbGetReq) -> Void = { _ in }) throws -> RpbGetResp {
        var request = RpbGetReq()
        request.bucket = Data(bucket.utf8)
        request.key = Data(key.utf8)
        configure(&request)
        return try RpbGetResp(serializedBytes: exchange(Frame(.getRequest, request)).body)
    }

    @discardableResult
    func put(
        _ key: String?, _ value: String, context: Data? = nil, _ configure: (inout RpbPutReq) -> Void = { _ in }
    ) throws -> RpbPutResp {
        var request = RpbPutReq()
        request.bucket = Data(bucket.utf8)
        if let key { request.key = Data(key.utf8) }
        if let context { request.vclock = context }
        request.content.value = Data(value.utf8)
        configure(&request)
        return try RpbPutResp(serializedBytes: exchange(Frame(.putRequest, request)).body)
    }

    @discardableResult
    func delete(_ key: String, context: Data? = nil, _ configure: (inout RpbDelReq) -> Void = { _ in }) throws
        -> DynoDelResp
    {
        var request = RpbDelReq()
        request.bucket = Data(bucket.utf8)
        request.key = Data(key.utf8)
        if let context { request.vclock = context }
        configure(&request)
        return try DynoDelResp(serializedBytes: exchange(Frame(.deleteRequest, request)).body)
    }

    func properties() throws -> RpbBucketProps {
        var request = RpbGetBucketReq()
        request.bucket = Data(bucket.utf8)
        return try RpbGetBucketResp(serializedBytes: exchange(Frame(.getBucketRequest, request)).body).props
    }

    func setProperties(_ configure: (inout RpbBucketProps) -> Void) throws {
        var request = RpbSetBucketReq()
        request.bucket = Data(bucket.utf8)
        var props = RpbBucketProps()
        configure(&props)
        request.props = props
        _ = try exchange(Frame(.setBucketRequest, request))
    }

    func resetProperties() throws {
        var request = RpbResetBucketReq()
        request.bucket = Data(bucket.utf8)
        _ = try exchange(Frame(.resetBucketRequest, request))
    }

    /// Sends a frame and waits for the answer to it.
    func exchange(_ frame: Frame) throws -> Frame {
        try socket.send(frame.bytes)
        return try answer()
    }

    func send(_ bytes: [UInt8]) throws { try socket.send(bytes) }

    /// The next answer; an error response is thrown.
    func answer() throws -> Frame {
        let frame = try anyAnswer()
        guard frame.code != MessageCode.errorResponse.rawValue else {
            let error = try RpbErrorResp(serializedBytes: frame.body)
            throw Refused(text: String(decoding: error.errmsg, as: UTF8.self))
        }
        return frame
    }

    /// The next answer, an error response or not.
    func anyAnswer() throws -> Frame {
        while true {
            if let frame = try decoder.next() { return frame }
            guard let bytes = try socket.receive() else { throw Closed() }
            decoder.append(bytes)
        }
    }
}

extension RpbGetResp {
    /// The values, tombstones left out, in order.
    var values: [String] { content.filter { !$0.deleted }.map { String(decoding: $0.value, as: UTF8.self) }.sorted() }
}
