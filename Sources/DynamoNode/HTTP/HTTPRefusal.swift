import Dynamo
import Foundation
import NIOHTTP1

/// A request that makes no sense, with the answer that says so.
struct HTTPRefusal: Error {
    var page: HTTPPage

    init(_ status: HTTPResponseStatus, _ text: String) { page = HTTPPage(status, text: text) }
}

extension HTTPPage {
    /// A failure in the words and with the status of Riak's HTTP interface. What a client must know is the status: 4xx,
    /// and nothing was written; 503, and a write may have taken effect.
    init(_ failure: ClientFailure, in place: BucketPlace) {
        switch failure.cause {
        case .quorumAboveN(let n):
            self.init(
                .badRequest, text: "Specified w/dw/pw/node_confirms values invalid for bucket n value of \(n)\n")
        case .matchFound, .modified, .notFound: self.init(.preconditionFailed, text: failure.text + "\n")
        case .timeout: self.init(.serviceUnavailable, text: "request timed out\n")
        case .primariesUnsatisfied(let have, let need, let write):
            self.init(.serviceUnavailable, text: "\(write ? "PW" : "PR")-value unsatisfied: \(have)/\(need)\n")
        case .quorumFailed(let have, let need):
            self.init(.serviceUnavailable, text: "too few replicas answered: \(have)/\(need)\n")
        case .nodesUnconfirmed(let have, let need):
            self.init(.serviceUnavailable, text: "node_confirms-value unsatisfied: \(have)/\(need)\n")
        case .tooManySiblings: self.init(.conflict, text: failure.text + "\n")
        case .insufficientReplicas, .storage, .unwritten:
            self.init(.serviceUnavailable, text: "Error:\n\(failure.text)\n")
        case nil where failure == .noType:
            let type = String(decoding: place.type, as: UTF8.self)
            self.init(.objectNotFound, text: "Unknown bucket type: \(type)")
        case nil:
            self.init(failure == .shuttingDown ? .serviceUnavailable : .badRequest, text: failure.text + "\n")
        }
    }
}

extension HTTPRequest {
    /// The context in `X-Riak-Vclock`; empty when there is none.
    ///
    /// Riak closes the connection without a word over one that it cannot read; here the answer is a 400.
    func vclock() throws(HTTPRefusal) -> Data {
        guard let text = header("X-Riak-Vclock") else { return Data() }
        guard let vclock = Data(base64Encoded: text) else {
            throw HTTPRefusal(.badRequest, "X-Riak-Vclock is not base64\n")
        }
        return vclock
    }

    /// Whether the client would rather have one media type than the other (RFC 9110, section 12.5.1).
    func accepts(_ type: String, before other: String) -> Bool {
        let ranges = head.headers["Accept"].flatMap { $0.split(separator: ",") }.map(MediaRange.init)
        return MediaRange.quality(of: type, ranges) > MediaRange.quality(of: other, ranges)
    }
}

/// An item of an `Accept` header.
private struct MediaRange {
    var range: String
    var quality: Double

    init(_ text: Substring) {
        let parts = text.split(separator: ";").map { $0.filter { !$0.isWhitespace }.lowercased() }
        range = parts.first ?? ""
        quality = parts.dropFirst().first { $0.hasPrefix("q=") }.flatMap { Double($0.dropFirst(2)) } ?? 1
    }

    /// That of the most specific range that covers the type.
    static func quality(of type: String, _ ranges: [MediaRange]) -> Double {
        let family = type.prefix { $0 != "/" } + "/*"
        for wanted in [type, String(family), "*/*"] {
            if let match = ranges.first(where: { $0.range == wanted }) { return match.quality }
        }
        return 0
    }
}
