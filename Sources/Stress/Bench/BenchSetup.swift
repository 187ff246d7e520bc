import Controller
import Dynamo
import Foundation
import NIOCore

/// What a measurement learns of the store before it begins.
extension StoreBench {
    /// By key: the positions of its homes in the list of nodes, the first home first.
    static func routes(_ ring: ClientRing, plan: BenchPlan, nodes: [String]) -> [[Int]] {
        (0..<plan.keys).map { key in
            ring.homes(of: Key(bucket: Array(plan.bucket.utf8), name: BenchFrames.name(of: key)))
                .compactMap { nodes.firstIndex(of: $0) }
        }
    }

    /// Asks a node for the ring.
    func learnRoutes(_ cluster: LoopbackCluster) throws -> [[Int]] {
        let loop = group.next()
        let store = cluster.store
        let address = cluster.nodes[0].address
        let ring = try loop.makeFutureWithTask { try await store.ring(of: address) }.wait()
        return Self.routes(ring, plan: plan, nodes: cluster.nodes.map(\.name))
    }
}
