import Dynamo
import Foundation
import NIOCore
import RiakProtocol

/// Serves what Riak's protocols ask, whichever of the two they came over: checks a request, has the replica do it, and
/// makes the answer.
final class ClientService {
    /// Called once, now or later.
    typealias Answer<T> = (Result<T, ClientFailure>) -> Void

    let replica: ReplicaLoop
    /// Set when the node stops: requests that come after are refused.
    var isClosing = false

    init(replica: ReplicaLoop) { self.replica = replica }

    /// The bucket of a request; its type must exist.
    func bucket(_ name: Data, type: Data) throws(ClientFailure) -> BucketName {
        let bucket = try BucketName(type: type, name: name)
        guard replica.hasType(bucket) else { throw .noType }
        return bucket
    }

    /// Does what may turn out to be impossible at once, and then answers so.
    func attempt<T>(_ answer: Answer<T>, _ body: () throws(ClientFailure) -> Void) {
        do throws(ClientFailure) {
            if isClosing { throw ClientFailure.shuttingDown }
            try body()
        } catch {
            answer(.failure(error))
        }
    }

    /// An answer that is also counted, with the time until it was given.
    func counted<T>(_ operation: Metrics.Operation, _ answer: @escaping Answer<T>) -> Answer<T> {
        let started = NIODeadline.now()
        return { [metrics = replica.metrics] result in
            let outcome =
                switch result {
                case .success: Metrics.Outcome.ok
                case .failure(let failure): failure.outcome
                }
            metrics.count(operation, outcome, nanoseconds: (NIODeadline.now() - started).nanoseconds)
            answer(result)
        }
    }
}
