import History
import RiakProtocol
import SwiftProtobuf

import struct Foundation.Data

/// Operations as Riak's messages, and its answers as replies. No I/O.
struct RiakMessages: Sendable {
    private let bucket: Data
    /// Riak's bucket type; nil for the default one.
    private let bucketType: Data?

    init(bucket: String, bucketType: String?) {
        self.bucket = Data(bucket.utf8)
        self.bucketType = bucketType.map { Data($0.utf8) }
    }

    /// The request frame. Throws `BinaryEncodingError`, which no operation can bring about: all required fields are set.
    func request(_ operation: Operation) throws -> Frame {
        let key = Data(operation.key.utf8)
        switch operation.action {
        case .get(let r): return try Frame(.getRequest, get(key, r))
        case .put(let write): return try Frame(.putRequest, put(key, write))
        case .delete(let write): return try Frame(.deleteRequest, delete(key, write))
        }
    }

    private func get(_ key: Data, _ r: Int?) -> RpbGetReq {
        var request = RpbGetReq()
        request.bucket = bucket
        request.key = key
        request.clocks = true
        if let bucketType { request.type = bucketType }
        if let r { request.r = UInt32(clamping: r) }
        return request
    }

    private func put(_ key: Data, _ write: Operation.Write) -> RpbPutReq {
        var request = RpbPutReq()
        request.bucket = bucket
        request.key = key
        request.content.value = Data(write.payload)
        request.clocks = true
        if let bucketType { request.type = bucketType }
        if let context = write.context { request.vclock = Data(context) }
        if let w = write.w { request.w = UInt32(clamping: w) }
        return request
    }

    private func delete(_ key: Data, _ write: Operation.Write) -> RpbDelReq {
        var request = RpbDelReq()
        request.bucket = bucket
        request.key = key
        request.clocks = true
        request.tag = Data(write.id.utf8)
        if let bucketType { request.type = bucketType }
        if let context = write.context { request.vclock = Data(context) }
        if let w = write.w { request.w = UInt32(clamping: w) }
        return request
    }

    /// Asks where a key lives. Throws as ``request(_:)`` does.
    func preferenceListRequest(of key: String) throws -> Frame {
        var request = RpbGetBucketKeyPreflistReq()
        request.bucket = bucket
        request.key = Data(key.utf8)
        if let bucketType { request.type = bucketType }
        return try Frame(.getPreferenceListRequest, request)
    }

    /// The nodes that a frame names; none where the store refuses to tell; nil when it is no answer to the question.
    func homes(_ frame: Frame) -> [String]? {
        switch MessageCode(rawValue: frame.code) {
        case .getPreferenceListResponse:
            (try? RpbGetBucketKeyPreflistResp(serializedBytes: frame.body))?.preflist.map {
                String(decoding: $0.node, as: UTF8.self)
            }
        case .errorResponse: []
        default: nil
        }
    }

    /// What a frame answers to `operation`; nil when it is no answer to it, so that the connection cannot be trusted any more.
    func reply(_ frame: Frame, to operation: Operation) -> Reply? {
        switch (MessageCode(rawValue: frame.code), operation.action) {
        case (.errorResponse, _):
            guard let error = try? RpbErrorResp(serializedBytes: frame.body) else { return nil }
            return RiakErrors.reply(String(decoding: error.errmsg, as: UTF8.self))
        case (.getResponse, .get):
            return (try? RpbGetResp(serializedBytes: frame.body)).map(read)
        case (.putResponse, .put):
            return (try? RpbPutResp(serializedBytes: frame.body)).map {
                written($0.hasDot ? $0.dot : nil, $0.clock)
            }
        case (.deleteResponse, .delete):
            return (try? DynoDelResp(serializedBytes: frame.body)).map {
                written($0.hasDot ? $0.dot : nil, $0.clock)
            }
        default:
            return nil
        }
    }

    private func read(_ response: RpbGetResp) -> Reply {
        let versions = response.content.compactMap { content -> StoredVersion? in
            // Riak's own tombstones are nameless: the context stands for them, and there is nothing to record.
            if content.deleted, content.value.isEmpty { return nil }
            let dot = content.hasDot ? draft(content.dot) : nil
            return StoredVersion(
                payload: Array(content.value), dot: dot, clock: dot == nil ? nil : content.clock.map(draft),
                tombstone: content.deleted)
        }
        return .read(ReadAnswer(versions: versions, context: response.hasVclock ? Array(response.vclock) : nil))
    }

    /// A clock without a dot is none: a store that shows no dots leaves both out.
    private func written(_ dot: DynoDot?, _ clock: [DynoDot]) -> Reply {
        .written(dot: dot.map(draft), clock: dot == nil ? nil : clock.map(draft))
    }

    private func draft(_ dot: DynoDot) -> DotDraft {
        DotDraft(actor: String(decoding: dot.actor, as: UTF8.self), counter: dot.counter)
    }
}

/// Which of Riak's error texts say that nothing was done.
enum RiakErrors {
    /// Texts of a request that was refused before a replica was asked. Any other text may come after one was:
    /// `{pw_val_unsatisfied,…}` after a write that some replicas took, `timeout` and `overload` at any time.
    static let definite = [
        "{n_val_violation", "{insufficient_vnodes", "{insufficient_nodes", "Key cannot be zero-length", "no_type",
    ]

    static func reply(_ text: String) -> Reply {
        definite.contains { text.hasPrefix($0) } ? .refused(text) : .unknown(text)
    }
}
