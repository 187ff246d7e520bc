import Dynamo
import Foundation
import NIOCore
import RiakProtocol

/// A listing under way, page after page: the names of a bucket's keys, or of a type's buckets, each once.
final class NameListing {
    /// The most buckets that one listing may name. Buckets, unlike keys, turn up in many places, and those seen must be
    /// remembered: this is what bounds the memory for it, at 16 bytes a bucket.
    static let mostBuckets = 1_000_000

    private let replica: ReplicaLoop
    private let scope: ListRequest.Scope
    private let deadline: NIODeadline?
    private let pageTimeout: Int64?
    private var cursor: ListCursor? = ListCursor()
    private var seen: Set<Hash128> = []

    /// - Parameter timeout: milliseconds for the whole listing; 0: it may take as long as it takes.
    init(replica: ReplicaLoop, scope: ListRequest.Scope, timeout: UInt32) {
        self.replica = replica
        self.scope = scope
        deadline = timeout == 0 ? nil : .now() + .milliseconds(Int64(timeout))
        pageTimeout = GetRequest.nanoseconds(timeout)
    }

    /// Asks for the next names, at least one; nil at the end.
    func next(_ done: @escaping (Result<[[UInt8]]?, ClientFailure>) -> Void) {
        guard let cursor else { return done(.success(nil)) }
        if let deadline, NIODeadline.now() >= deadline { return done(.failure(ClientFailure(.timeout, write: false))) }
        var request = ListRequest(scope, from: cursor)
        request.timeout = pageTimeout
        replica.list(request) { [self] result in
            switch result {
            case .failure(let failure): done(.failure(ClientFailure(failure, write: false)))
            case .success(let page): take(page, done)
            }
        }
    }

    private func take(_ page: ListPage, _ done: @escaping (Result<[[UInt8]]?, ClientFailure>) -> Void) {
        cursor = page.next
        var names = page.names
        if case .buckets(let type) = scope {
            names = names.filter { seen.insert(Key(bucket: type, name: $0).position).inserted }
            if seen.count > Self.mostBuckets {
                return done(.failure(ClientFailure(text: "more than \(Self.mostBuckets) buckets")))
            }
        }
        if !names.isEmpty { return done(.success(names)) }
        // Through the loop's queue: a long stretch without names must not hold up the node, nor deepen the stack.
        let here = NIOLoopBound((self, done), eventLoop: replica.eventLoop)
        replica.eventLoop.execute { here.value.0.next(here.value.1) }
    }
}

extension ClientService {
    /// - Throws: what is wrong with the bucket.
    func listKeys(bucket: Data, type: Data, timeout: UInt32) throws(ClientFailure) -> NameListing {
        if isClosing { throw .shuttingDown }
        let bucket = try self.bucket(bucket, type: type)
        return NameListing(replica: replica, scope: .keys(bucket: bucket.stored), timeout: timeout)
    }

    func listBuckets(type: Data, timeout: UInt32) throws(ClientFailure) -> NameListing {
        if isClosing { throw .shuttingDown }
        guard let type = BucketName(type: [UInt8](type), name: []), replica.hasType(type) else { throw .noType }
        return NameListing(replica: replica, scope: .buckets(type: type.type), timeout: timeout)
    }
}
