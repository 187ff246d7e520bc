import Causality
import Dynamo
import Foundation
import NIOHTTP1
import RiakProtocol

/// What the client ports make of bytes before a replica hears of them, as functions: so that a fuzzer can feed them
/// what no client would send. Each gives back whether anything was understood.
package enum ClientDecoders {
    /// A stream of the protocol buffers port: frames, the messages in them, the requests that those are.
    package static func frames(_ bytes: [UInt8]) -> Bool {
        var decoder = FrameDecoder()
        decoder.append(bytes)
        var understood = false
        while let frame = try? decoder.next() { understood = isUnderstood(frame) || understood }
        return understood
    }

    /// A request of the HTTP port, whose line and headers have been taken apart by then.
    package static func request(
        method: String, target: String, headers: [(String, String)], body: [UInt8]
    ) -> Bool {
        guard let target = try? HTTPTarget(target), let route = RiakRoute(target) else { return false }
        let fields = HTTPHeaders(headers)
        let head = HTTPRequestHead(
            version: .http1_1, method: HTTPMethod(rawValue: method), uri: target.path, headers: fields)
        let request = HTTPRequest(head: head, target: target, body: body)
        _ = ObjectConditions(fields)
        let query = ObjectQuery(target)
        let content = try? ObjectContent.read(request)
        if let content { _ = try? Content(content) }
        switch route {
        case .object(let place, let key):
            _ = place.path(key: key)
            if let get = try? query.get(place, key) { _ = GetRequest(get, key: Key(bucket: place.bucket, name: key)) }
            if var put = try? query.put(place, key) {
                if let content { put.content = content }
                _ = try? PutRequest(put, key: Key(bucket: place.bucket, name: key))
            }
            return (try? query.delete(place, key)) != nil
        case .properties, .oldBucket, .typeProperties: return (try? PropertyJSON.read(body)) != nil
        default: return true
        }
    }

    private static func isUnderstood(_ frame: Frame) -> Bool {
        let body = frame.body
        switch MessageCode(rawValue: frame.code) {
        case .getRequest:
            guard let wire = try? RpbGetReq(serializedBytes: body), let key = key(wire.bucket, wire.type, wire.key)
            else { return false }
            _ = GetRequest(wire, key: key)
            _ = try? VersionVector(vclock: wire.ifModified)
        case .putRequest:
            guard let wire = try? RpbPutReq(serializedBytes: body), let key = key(wire.bucket, wire.type, wire.key)
            else { return false }
            return (try? PutRequest(wire, key: key)) != nil
        case .deleteRequest:
            guard let wire = try? RpbDelReq(serializedBytes: body), let key = key(wire.bucket, wire.type, wire.key),
                let context = try? VersionVector(vclock: wire.vclock)
            else { return false }
            _ = PutRequest(wire, key: key, context: context, rw: .byDefault)
        case .setBucketRequest:
            guard let wire = try? RpbSetBucketReq(serializedBytes: body) else { return false }
            return (try? BucketName(type: wire.type, name: wire.bucket)) != nil
        default: return MessageCode(rawValue: frame.code) != nil
        }
        return true
    }

    private static func key(_ bucket: Data, _ type: Data, _ name: Data) -> Key? {
        guard let bucket = try? BucketName(type: type, name: bucket) else { return nil }
        return try? Key(bucket, name)
    }
}
