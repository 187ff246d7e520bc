import Controller
import Foundation
import NIOPosix
import Workload

/// Five nodes on loopback addresses for the time of a command, and the directory that they write to.
enum LoopbackStore {
    /// Boots the nodes, hands them to `body` with their directory and the seconds that their start took, and ends them.
    ///
    /// Must be called on the main thread; Ctrl-C ends the process, and with it, by the kernel, the nodes.
    static func run(
        data: String?, node: String?, settings: StoreSpec = StoreSpec(), arguments: [String] = [],
        group: MultiThreadedEventLoopGroup, body: (LoopbackCluster, String, TimeInterval) throws -> Void
    ) throws {
        let executable = node ?? Executables.beside("dynamo-node")
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Failure.unusable("no dynamo-node at \(executable); `make build` makes it, or name one with --node")
        }
        let directory = data ?? FileManager.default.temporaryDirectory.appendingPathComponent("dyno-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        defer { if data == nil { try? FileManager.default.removeItem(atPath: directory) } }
        let cluster = LoopbackCluster(
            executable: executable, settings: settings, directory: directory, arguments: arguments,
            reader: HTTPReader(group: group))
        defer { cluster.stop() }
        let began = Date()
        do { try cluster.start() } catch { throw Failure.broken("\(error)") }
        try body(cluster, directory, Date().timeIntervalSince(began))
    }
}
