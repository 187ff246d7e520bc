import Controller
import Foundation
import NIOCore
import NIOPosix
import RiakProtocol

/// Measures what a node with many rows costs: its start, its memory, and a Merkle exchange that finds the few keys in which
/// it differs from another.
///
/// Two nodes hold every key. While one is away the other takes some writes, for which nobody keeps a hint and nobody repairs
/// on reading: only the exchange can bring them. Blocks the calling thread, which must be the one that made the cluster.
public final class RowsBench {
    /// Why a measurement could not be made.
    public struct Failure: Error, CustomStringConvertible {
        public let description: String
    }

    private let plan: RowsPlan
    private let cluster: LoopbackCluster
    private let reader: HTTPReader
    private let loop: any EventLoop
    /// Told what is being done.
    public var onProgress: (String) -> Void = { _ in }

    /// - Parameter cluster: two nodes that have never run.
    public init(plan: RowsPlan, cluster: LoopbackCluster, group: MultiThreadedEventLoopGroup) {
        self.plan = plan
        self.cluster = cluster
        reader = HTTPReader(group: group)
        loop = group.next()
    }

    public func run() throws -> RowsReport {
        onProgress("writing \(plan.keys) rows")
        let began = Date()
        let (left, right) = (cluster.nodes[0].dataDirectory, cluster.nodes[1].dataDirectory)
        try FileManager.default.createDirectory(atPath: left, withIntermediateDirectories: true)
        try RowsFile.write(plan, to: left)
        let fillSeconds = Date().timeIntervalSince(began)
        try FileManager.default.copyItem(atPath: left, toPath: right)

        onProgress("first start: every row is read for the Merkle trees")
        let firstStart = try start(0)
        _ = try start(1)
        let firstRoots = try self.roots(0)
        guard try self.roots(1) == firstRoots else {
            throw Failure(description: "the nodes hold the same rows and other trees")
        }
        let firstTrees = processorSeconds(0)
        for node in [0, 1] {
            guard cluster.terminate(node) == 0 else { throw Failure(description: "a node did not end as it should") }
        }

        onProgress("start after a clean end")
        let cleanStart = try start(0)
        let startMegabytes = megabytes(0)
        guard try self.roots(0) == firstRoots else {
            throw Failure(description: "the trees were not kept as they were")
        }
        let trees = processorSeconds(0)

        onProgress("exchange of \(plan.differing) keys")
        try change()
        // What waits in the first node's memory for the other to be there would be told it without any exchange.
        guard cluster.terminate(0) == 0 else { throw Failure(description: "a node did not end as it should") }
        _ = try self.start(0)
        let before = try exchangeBytes(0)
        let launched = Date()
        let served = try start(1) / 1_000
        try awaitChanges(on: 1)
        let exchange = Date().timeIntervalSince(launched)
        let bytes = try exchangeBytes(0) - before + exchangeBytes(1)
        guard bytes > 0 else { throw Failure(description: "the keys came by another way than an exchange") }
        return RowsReport(
            machine: Machine(directory: left), keys: plan.keys, fillSeconds: fillSeconds,
            fileMegabytes: Self.fileMegabytes(left), firstStartMilliseconds: firstStart, startMilliseconds: cleanStart,
            startMegabytes: startMegabytes, finalMegabytes: megabytes(0), firstTreesSeconds: firstTrees,
            treesSeconds: trees, differing: plan.differing, exchangeMilliseconds: exchange * 1_000,
            exchangeMillisecondsServing: (exchange - served) * 1_000, exchangeBytes: bytes)
    }

    // MARK: -

    /// Starts a node; gives back the milliseconds until it served.
    private func start(_ node: Int) throws -> Double {
        let began = Date()
        try cluster.launch(node)
        try cluster.awaitReadiness(node)
        return Date().timeIntervalSince(began) * 1_000
    }

    /// Writes the keys that are to differ to the first node, which alone is there.
    private func change() throws {
        let endpoint = cluster.endpoints[0]
        let deadline = Date() + plan.patience
        for key in plan.changed {
            var put = RpbPutReq()
            put.bucket = Data(plan.bucket.utf8)
            put.key = Data(RowsPlan.name(of: key))
            put.content.value = Data(Self.changedValue)
            put.w = 1
            let frame = try Frame(.putRequest, put)
            // A home that has just gone is asked until it is suspected.
            while true {
                let answer = try? RiakSocket(host: endpoint.host, port: endpoint.port, limit: 5).call(frame)
                if answer?.code == MessageCode.putResponse.rawValue { break }
                guard Date() < deadline else { throw Failure(description: "the remaining node takes no writes") }
            }
        }
    }

    private static let changedValue = Array("changed while the other was away".utf8)

    private func awaitChanges(on node: Int) throws {
        let deadline = Date() + plan.patience
        var missing = plan.changed[...]
        while let key = missing.first {
            let name = String(decoding: RowsPlan.name(of: key), as: UTF8.self)
            let text = try page(node, "/observe/replicas?bucket=\(plan.bucket)&key=\(name)")
            if text.contains(String(decoding: Self.changedValue, as: UTF8.self)) {
                missing.removeFirst()
            } else if Date() > deadline {
                throw Failure(description: "\(missing.count) keys still differ after \(Int(plan.patience)) s")
            } else {
                Thread.sleep(forTimeInterval: 0.005)
            }
        }
    }

    /// The node's Merkle roots: where trees are not known yet, it reads what they lack.
    private func roots(_ node: Int) throws -> String { try page(node, "/observe/roots") }

    private func exchangeBytes(_ node: Int) throws -> Int {
        let name = "dynamo_exchange_bytes_total "
        let line = try page(node, "/metrics").split(separator: "\n").first { $0.hasPrefix(name) }
        guard let bytes = line.flatMap({ Int($0.dropFirst(name.count)) }) else {
            throw Failure(description: "a node does not tell its exchange bytes")
        }
        return bytes
    }

    private func page(_ node: Int, _ path: String) throws -> String {
        let (reader, address) = (reader, cluster.nodes[node].address)
        let data = try loop.makeFutureWithTask {
            try await reader.get(host: address, port: DynamoStore.httpPort, path: path, limit: .seconds(300))
        }.wait()
        return String(decoding: data, as: UTF8.self)
    }

    private func processorSeconds(_ node: Int) -> Double {
        cluster.nodes[node].pid.map { Double(ProcessTimes.nanoseconds(pid: $0)) / 1e9 } ?? 0
    }

    private func megabytes(_ node: Int) -> Double {
        cluster.nodes[node].pid.map { Double(ProcessTimes.residentBytes(pid: $0)) / 1e6 } ?? 0
    }

    private static func fileMegabytes(_ directory: String) -> Double {
        let names = (try? FileManager.default.subpathsOfDirectory(atPath: directory)) ?? []
        let sizes = names.map { name in
            let attributes = try? FileManager.default.attributesOfItem(atPath: directory + "/" + name)
            return attributes?[.type] as? FileAttributeType == .typeRegular
                ? (attributes?[.size] as? NSNumber)?.doubleValue ?? 0 : 0
        }
        return sizes.reduce(0, +) / 1e6
    }
}
