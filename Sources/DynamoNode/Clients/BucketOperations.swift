import Dynamo
import Foundation
import RiakProtocol

/// Buckets' and bucket types' properties, and where keys live.
extension ClientService {
    func getBucket(_ wire: RpbGetBucketReq) throws(ClientFailure) -> RpbGetBucketResp {
        var response = RpbGetBucketResp()
        response.props = properties(try bucket(wire.bucket, type: wire.type)).wireForm
        return response
    }

    func setBucket(_ wire: RpbSetBucketReq, answer: @escaping Answer<Void>) {
        attempt(answer) { () throws(ClientFailure) in
            try change(try bucket(wire.bucket, type: wire.type), wire.props, answer: answer)
        }
    }

    func resetBucket(_ wire: RpbResetBucketReq, answer: @escaping Answer<Void>) {
        attempt(answer) { () throws(ClientFailure) in
            set(try bucket(wire.bucket, type: wire.type), BucketProperties(), answer: answer)
        }
    }

    func getType(_ wire: RpbGetBucketTypeReq) throws(ClientFailure) -> RpbGetBucketResp {
        let type = try Self.type(wire.type)
        guard replica.hasType(type) else { throw .noType }
        var response = RpbGetBucketResp()
        response.props = properties(type).wireForm
        return response
    }

    /// Changes a type's properties, and thereby makes the type when there is none of that name.
    func setType(_ wire: RpbSetBucketTypeReq, answer: @escaping Answer<Void>) {
        attempt(answer) { () throws(ClientFailure) in
            try change(try Self.type(wire.type), wire.props, answer: answer)
        }
    }

    func preferenceList(_ wire: RpbGetBucketKeyPreflistReq) throws(ClientFailure) -> RpbGetBucketKeyPreflistResp {
        let key = try Key(try bucket(wire.bucket, type: wire.type), wire.key)
        var response = RpbGetBucketKeyPreflistResp()
        response.preflist = replica.homes(of: key).map { node in
            var item = RpbBucketKeyPreflistItem()
            item.partition = Int64(replica.partition(of: key))
            item.node = Data(node.utf8)
            item.primary = true
            return item
        }
        return response
    }

    /// A bucket's properties with every default resolved.
    func properties(_ bucket: BucketName) -> EffectiveProperties {
        EffectiveProperties(bucket: replica.bucketProperties(bucket.stored), configuration: replica.configuration)
    }

    /// - Parameter nodeConfirms: what Riak's messages have no field for, and HTTP has.
    func change(
        _ bucket: BucketName, _ wire: RpbBucketProps, nodeConfirms: Quorum? = nil, answer: @escaping Answer<Void>
    ) throws(ClientFailure) {
        try PropertyChange.check(wire, members: replica.configuration.members.count)
        var changed = PropertyChange.applied(wire, to: replica.ownBucketProperties(bucket.stored))
        if let nodeConfirms { changed.nodeConfirms = nodeConfirms }
        set(bucket, changed, answer: answer)
    }

    func set(_ bucket: BucketName, _ properties: BucketProperties, answer: @escaping Answer<Void>) {
        replica.setBucket(bucket.stored, properties) { reply in
            guard case .bucketSet = reply else { return answer(Self.failure(reply, write: true)) }
            answer(.success(()))
        }
    }

    static func type(_ name: Data) throws(ClientFailure) -> BucketName {
        guard !name.isEmpty, let type = BucketName(type: [UInt8](name), name: []) else { throw .noType }
        return type
    }
}
