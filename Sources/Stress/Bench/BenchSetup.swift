import Controller
import Dynamo
import Foundation
import NIOCore
import RiakProtocol
import Workload

/// What a measurement learns of the store before it begins.
extension StoreBench {
    /// By key: the positions of its homes in the list of nodes, the first home first.
    static func routes(_ ring: ClientRing, plan: BenchPlan, nodes: [String]) -> [[Int]] {
        (0..<plan.keys).map { key in
            ring.homes(of: Key(bucket: Array(plan.bucket.utf8), name: BenchFrames.name(of: key)))
                .compactMap { nodes.firstIndex(of: $0) }
        }
    }

    /// Looks that each node of a store that is not ours answers, and says which does not: a load would only see that nothing comes
    /// back. Where puts pass back no context, the bucket is told to keep one version.
    func greet(_ targets: [NodeEndpoint]) throws {
        for (index, target) in targets.enumerated() {
            // What has no IPv4 address is left to the load.
            let resolved = try? SocketAddress.makeAddressResolvingHost(target.host, port: target.port)
            guard case .v4? = resolved, let host = resolved?.ipAddress else { continue }
            do {
                let socket = try RiakSocket(host: host, port: target.port, limit: Self.greetingLimit)
                let answer = try socket.call(Frame(.pingRequest))
                guard answer.code == MessageCode.pingResponse.rawValue else {
                    throw Failure(description: "\(target.name) does not speak Riak's protocol buffers")
                }
                if index == 0, !plan.carriesContext { try keepOneVersion(over: socket) }
            } catch let failure as RiakSocket.Failure {
                throw Failure(
                    description:
                        "\(target.name) does not answer a ping on Riak's protocol buffers port: \(failure.reason)")
            }
        }
    }

    /// Seconds that a node may take to answer a ping.
    private static let greetingLimit = 5.0

    private func keepOneVersion(over socket: RiakSocket) throws {
        var request = RpbSetBucketReq()
        request.bucket = Data(plan.bucket.utf8)
        request.props.allowMult = false
        let answer = try socket.call(try Frame(.setBucketRequest, request))
        guard answer.code == MessageCode.setBucketResponse.rawValue else {
            throw Failure(description: "the store does not let the bucket \(plan.bucket) keep one version")
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
