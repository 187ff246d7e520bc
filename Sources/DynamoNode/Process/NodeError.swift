import Dynamo
import NIOCore

/// Why a node could not start or stop, each in one sentence for its operator.
public enum NodeError: Error, Hashable, Sendable, CustomStringConvertible {
    case store(StoreError)
    case configuration(String)
    /// A port that cannot be listened on.
    case cannotListen(what: String, endpoint: Endpoint, reason: String)
    case failed(String)

    public var description: String {
        switch self {
        case .store(let error): error.description
        case .configuration(let reason): reason
        case .cannotListen(let what, let endpoint, let reason):
            "cannot listen on \(endpoint) for \(what): \(reason)"
        case .failed(let reason): reason
        }
    }

    init(starting error: any Error) {
        switch error {
        case let error as NodeError: self = error
        case let error as StoreError: self = .store(error)
        case let error as ConfigurationError: self = .configuration(error.description)
        default: self = .failed("the node could not start: \(error)")
        }
    }

    init(stopping error: any Error) {
        switch error {
        case let error as NodeError: self = error
        case let error as StoreError: self = .store(error)
        default: self = .failed("the node could not stop cleanly: \(error)")
        }
    }
}
