import Causality
import Dynamo
import Foundation
import RiakProtocol

extension ClientService {
    func get(_ wire: RpbGetReq, answer: @escaping Answer) throws(ClientFailure) {
        let request = try GetRequest(wire, defaults(wire.bucket))
        let known = wire.hasIfModified ? try VersionVector(vclock: wire.ifModified) : nil
        let view = ContentView(head: wire.head, clocks: wire.clocks)
        replica.get(request) { reply in
            guard case .got(let siblings) = reply else { return answer(Self.failure(reply, write: false)) }
            var response = RpbGetResp()
            let context = siblings.context
            if let known, !siblings.isEmpty, known == context {
                response.unchanged = true
                return answer(Self.frame(.getResponse, response))
            }
            response.content = view.contents(siblings)
            let telling = !response.content.isEmpty || wire.deletedvclock
            if telling, !siblings.isEmpty { response.vclock = context.vclock }
            answer(Self.frame(.getResponse, response))
        }
    }

    func put(_ wire: RpbPutReq, answer: @escaping Answer) throws(ClientFailure) {
        let generated = wire.hasKey ? nil : Data(GeneratedKey.make())
        let request = try PutRequest(wire, key: generated ?? wire.key, defaults(wire.bucket))
        let write = { [replica] in
            replica.put(request) { reply in
                guard case .put(let dot, let clock, let siblings) = reply else {
                    return answer(Self.failure(reply, write: true))
                }
                var response = RpbPutResp()
                if wire.returnBody || wire.returnHead {
                    let view = ContentView(head: !wire.returnBody, clocks: wire.clocks)
                    response.content = view.contents(siblings)
                    response.vclock = siblings.context.vclock
                }
                if let generated { response.key = generated }
                if wire.clocks {
                    response.dot = DynoDot(dot)
                    response.clock = clock.dots
                }
                answer(Self.frame(.putResponse, response))
            }
        }
        guard wire.ifNoneMatch || wire.ifNotModified else { return write() }
        if wire.ifNotModified, !wire.hasVclock { throw .modified }
        // As with Riak, a read and then a write: a race between two such puts may let both through.
        replica.get(GetRequest(before: request)) { reply in
            guard case .got(let siblings) = reply else { return answer(Self.failure(reply, write: false)) }
            let exists = siblings.versions.contains { !$0.tombstone }
            if wire.ifNoneMatch, exists { return answer(.failure(.matchFound)) }
            if wire.ifNotModified, !exists { return answer(.failure(.notFound)) }
            if wire.ifNotModified, siblings.context != request.context { return answer(.failure(.modified)) }
            write()
        }
    }

    func delete(_ wire: RpbDelReq, answer: @escaping Answer) throws(ClientFailure) {
        let key = try Key(bucket: wire.bucket, name: wire.key, type: wire.hasType ? wire.type : nil)
        if wire.hasNVal, Int(wire.nVal) != defaults(wire.bucket).n { throw .unsupported("n_val") }
        if wire.hasVclock, !wire.vclock.isEmpty {
            let context = try VersionVector(vclock: wire.vclock)
            return bury(wire, PutRequest(wire, key: key, context: context), answer: answer)
        }
        replica.get(GetRequest(before: wire, key: key)) { [self] reply in
            guard case .got(let siblings) = reply else { return answer(Self.failure(reply, write: false)) }
            // Nothing there: nothing to delete, and a tombstone would only be one more thing to keep.
            guard siblings.versions.contains(where: { !$0.tombstone }) else {
                return answer(.success(Frame(.deleteResponse)))
            }
            bury(wire, PutRequest(wire, key: key, context: siblings.context), answer: answer)
        }
    }

    private func bury(_ wire: RpbDelReq, _ tombstone: PutRequest, answer: @escaping Answer) {
        replica.put(tombstone) { reply in
            guard case .put(let dot, let clock, _) = reply else { return answer(Self.failure(reply, write: true)) }
            guard wire.clocks else { return answer(.success(Frame(.deleteResponse))) }
            var response = DynoDelResp()
            response.dot = DynoDot(dot)
            response.clock = clock.dots
            answer(Self.frame(.deleteResponse, response))
        }
    }

    /// The answer to a reply that is not the one asked for.
    static func failure(_ reply: ClientReply, write: Bool) -> Result<Frame, ClientFailure> {
        guard case .failed(let failure) = reply else {
            return .failure(ClientFailure(text: "the coordinator gave an answer to another question"))
        }
        return .failure(ClientFailure(failure, write: write))
    }
}
