import Controller
import Foundation
import NIOPosix
import Workload

/// Where the nodes of a command write.
final class StoreDirectory {
    let path: String
    /// Stays when the command ends.
    var isKept: Bool

    init(path: String, isKept: Bool) {
        self.path = path
        self.isKept = isKept
    }
}

/// Five nodes on loopback addresses for the time of a command, and the directory that they write to.
enum LoopbackStore {
    /// Boots the nodes, hands them to `body` with their directory and the seconds that their start took, and ends them.
    ///
    /// Must be called on the main thread; Ctrl-C ends the process, and with it, by the kernel, the nodes.
    static func run(
        data: String?, node: String?, bucket: String = "", arguments: [String] = [],
        group: MultiThreadedEventLoopGroup, body: (LoopbackCluster, StoreDirectory, TimeInterval) throws -> Void
    ) throws {
        try prepare(
            data: data, node: node, bucket: bucket, settings: StoreSpec(), arguments: arguments, group: group
        ) { cluster, place in
            let began = Date()
            do { try cluster.start() } catch { throw Failure.broken("\(error)") }
            try body(cluster, place, Date().timeIntervalSince(began))
        }
    }

    /// Hands nodes that do not run yet to `body`, and ends those that do afterwards.
    static func prepare(
        data: String?, node: String?, bucket: String = "", settings: StoreSpec, arguments: [String],
        group: MultiThreadedEventLoopGroup, body: (LoopbackCluster, StoreDirectory) throws -> Void
    ) throws {
        let executable = node ?? Executables.beside("dynamo-node")
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Failure.unusable("no dynamo-node at \(executable); `make build` makes it, or name one with --node")
        }
        let directory = data ?? FileManager.default.temporaryDirectory.appendingPathComponent("dyno-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let place = StoreDirectory(path: directory, isKept: data != nil)
        defer { if !place.isKept { try? FileManager.default.removeItem(atPath: directory) } }
        let cluster = LoopbackCluster(
            executable: executable, settings: settings, directory: directory, bucket: bucket, arguments: arguments,
            reader: HTTPReader(group: group))
        defer { cluster.stop() }
        try body(cluster, place)
    }
}
