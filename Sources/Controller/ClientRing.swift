import Dynamo
import Foundation
import NIOCore

/// The ring as a client knows it that chooses the coordinator by itself: such requests need no hop from a node that is
/// no home of the key to one that is (DeCandia et al. 2007, §6.4, client-driven coordination).
///
/// It is learned from a node and may grow old, to no harm: a node that is no home forwards, as always.
public struct ClientRing: Sendable, Hashable {
    private let n: Int
    /// By ring partition: all nodes in the order of the preference list.
    private let preference: [[String]]

    /// - Parameter preference: of every ring partition, in order; must not be empty.
    public init?(n: Int, preference: [[String]]) {
        if preference.isEmpty || n < 1 { return nil }
        self.n = n
        self.preference = preference
    }

    /// The nodes that can coordinate a request for the key, in the order in which to try them.
    public func homes(of key: Key) -> [String] {
        Array(preference[partition(of: key.position)].prefix(n))
    }

    /// As the nodes compute it: `position · Q / 2^128`.
    private func partition(of position: Hash128) -> Int {
        let count = UInt64(preference.count)
        let high = position.high.multipliedFullWidth(by: count)
        let low = position.low.multipliedFullWidth(by: count)
        let carry: UInt64 = high.low.addingReportingOverflow(low.high).overflow ? 1 : 0
        return Int(high.high + carry)
    }
}

/// A store that told nothing of its ring.
public struct RingUnknown: Error, CustomStringConvertible {
    public var description: String { "the node told no ring" }
}

extension DynamoStore {
    private struct Page: Decodable {
        var n: Int
        var preference: [[String]]
    }

    /// The ring as the node at an address tells it.
    public func ring(of address: String) async throws -> ClientRing {
        let page = try JSONDecoder().decode(Page.self, from: try await body(address: address, "/observe/ring"))
        guard let ring = ClientRing(n: page.n, preference: page.preference) else { throw RingUnknown() }
        return ring
    }
}
