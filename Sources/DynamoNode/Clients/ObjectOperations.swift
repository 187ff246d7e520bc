import Causality
import Dynamo
import Foundation
import RiakProtocol

/// Reading, writing and deleting objects, in the terms of Riak's messages: both client protocols go through here.
extension ClientService {
    func get(_ wire: RpbGetReq, answer: @escaping Answer<RpbGetResp>) {
        let answer = counted(.get, answer)
        attempt(answer) { () throws(ClientFailure) in
            let key = try Key(try bucket(wire.bucket, type: wire.type), wire.key)
            let known = wire.hasIfModified ? try VersionVector(vclock: wire.ifModified) : nil
            let view = ContentView(head: wire.head, clocks: wire.clocks)
            replica.get(GetRequest(wire, key: key)) { [metrics = replica.metrics] reply in
                guard case .got(let siblings) = reply else { return answer(Self.failure(reply, write: false)) }
                metrics.siblings.record(siblings.versions.count { !$0.tombstone })
                answer(.success(Self.response(to: wire, siblings, known: known, view)))
            }
        }
    }

    private static func response(
        to wire: RpbGetReq, _ siblings: Siblings, known: VersionVector?, _ view: ContentView
    ) -> RpbGetResp {
        var response = RpbGetResp()
        let context = siblings.context
        if let known, !siblings.isEmpty, known == context {
            response.unchanged = true
            return response
        }
        response.content = view.contents(siblings)
        let telling = !response.content.isEmpty || wire.deletedvclock
        if telling, !siblings.isEmpty { response.vclock = context.vclock }
        return response
    }

    func put(_ wire: RpbPutReq, answer: @escaping Answer<RpbPutResp>) {
        let answer = counted(.put, answer)
        attempt(answer) { () throws(ClientFailure) in
            let generated = wire.hasKey ? nil : Data(GeneratedKey.make())
            let key = try Key(try bucket(wire.bucket, type: wire.type), generated ?? wire.key)
            replica.put(try PutRequest(wire, key: key)) { reply in
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
                answer(.success(response))
            }
        }
    }

    /// The answer is empty unless the request asked for clocks.
    func delete(_ wire: RpbDelReq, answer: @escaping Answer<DynoDelResp>) {
        let answer = counted(.delete, answer)
        attempt(answer) { () throws(ClientFailure) in
            let key = try Key(try bucket(wire.bucket, type: wire.type), wire.key)
            let rw = replica.bucketProperties(key.bucket).rw
            if wire.hasVclock, !wire.vclock.isEmpty {
                let context = try VersionVector(vclock: wire.vclock)
                return bury(wire, PutRequest(wire, key: key, context: context, rw: rw), answer: answer)
            }
            replica.get(GetRequest(before: wire, key: key, rw: rw)) { [self] reply in
                guard case .got(let siblings) = reply else { return answer(Self.failure(reply, write: false)) }
                // Nothing there: nothing to delete, and a tombstone would only be one more thing to keep.
                guard siblings.versions.contains(where: { !$0.tombstone }) else {
                    return answer(.success(DynoDelResp()))
                }
                bury(wire, PutRequest(wire, key: key, context: siblings.context, rw: rw), answer: answer)
            }
        }
    }

    private func bury(_ wire: RpbDelReq, _ tombstone: PutRequest, answer: @escaping Answer<DynoDelResp>) {
        replica.put(tombstone) { reply in
            guard case .put(let dot, let clock, _) = reply else { return answer(Self.failure(reply, write: true)) }
            var response = DynoDelResp()
            if wire.clocks {
                response.dot = DynoDot(dot)
                response.clock = clock.dots
            }
            answer(.success(response))
        }
    }

    /// The answer to a reply that is not the one asked for.
    static func failure<T>(_ reply: ClientReply, write: Bool) -> Result<T, ClientFailure> {
        guard case .failed(let failure) = reply else {
            return .failure(ClientFailure(text: "the coordinator gave an answer to another question"))
        }
        return .failure(ClientFailure(failure, write: write))
    }
}
