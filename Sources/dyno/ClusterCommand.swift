import ArgumentParser
import Controller
import Foundation
import Workload

/// `dyno cluster`.
struct ClusterCommand: SandboxedCommand {
    static let configuration = CommandConfiguration(
        commandName: "cluster",
        abstract: "Five nodes on 127.0.0.1 to 127.0.0.5 to play with, until Ctrl-C.",
        discussion: """
            Each node listens on its own loopback address: Riak's protocol buffers on port 8087, HTTP on 8098, its peers on 8099.

            With --sandbox the nodes are in namespaces of their own, as in a run, and dyno fault begins and ends faults there.

              dyno cluster --sandbox --rate 100
              dyno fault start partition halves --for 5s
            """)

    @Flag(help: "Nodes in namespaces, for dyno fault; as root all faults, else those that an ordinary user can have.")
    var sandbox = false

    @Option(help: "With --sandbox: operations a second put on the store, so that faults meet traffic.")
    var rate = 100

    @Option(
        help: "With --sandbox: a workload file whose store and load are taken; its faults are not.",
        completion: .file(extensions: ["yml", "yaml"]))
    var workload: String?

    @Option(
        help: "With --sandbox: where dyno fault finds it; by default a socket of this user's in /tmp.",
        completion: .file())
    var socket: String?

    @Option(
        help: "Where the nodes keep their data; by default a directory that is removed at the end.",
        completion: .directory)
    var data: String?

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    func nodeExecutable() throws -> String {
        let executable = node ?? Executables.beside("dynamo-node")
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Failure.unusable("no dynamo-node at \(executable); `make build` makes it, or name one with --node")
        }
        return executable
    }

    func run() throws {
        let executable = try nodeExecutable()
        let directory =
            data ?? FileManager.default.temporaryDirectory.appendingPathComponent("dyno-cluster-\(getpid())").path
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let nodes = try (1...5).map { try start($0, executable: executable, directory: directory) }
        for (process, output) in nodes where !Self.isReady(output) {
            process.waitUntilExit()
            for (other, _) in nodes where other.isRunning { other.terminate() }
            throw Failure.unusable(
                "a node did not start (status \(process.terminationStatus)); its own words are above")
        }
        print(
            """
            five nodes: n1 on 127.0.0.1 to n5 on 127.0.0.5
              curl -X PUT http://127.0.0.1:8098/buckets/carts/keys/alice -H 'Content-Type: text/plain' -d '2 books'
              curl -i http://127.0.0.3:8098/buckets/carts/keys/alice
              curl http://127.0.0.5:8098/metrics
              Riak clients: HTTP on port 8098 of each, protocol buffers on port 8087
            Ctrl-C stops them
            """)
        // Whoever reads this through a pipe is to see it now.
        fflush(nil)
        waitForInterrupt(nodes.map(\.process))
        for (process, _) in nodes where process.isRunning { process.terminate() }
        for (process, _) in nodes { process.waitUntilExit() }
        if data == nil { try? FileManager.default.removeItem(atPath: directory) }
    }

    /// The kernel ends the node when this process ends, however that comes.
    private func start(
        _ number: Int, executable: String, directory: String
    ) throws -> (process: Process, output: FileHandle) {
        let address = "127.0.0.\(number)"
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/setpriv")
        process.arguments = [
            "--pdeathsig", "KILL", "--", executable, "--name", "n\(number)", "--data", "\(directory)/n\(number)",
            "--client", "\(address):8087", "--peer", "\(address):8099", "--http", "\(address):8098",
        ]
        for member in 1...5 {
            process.arguments?.append(contentsOf: ["--member", "n\(member)=127.0.0.\(member):8099"])
        }
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        return (process, output.fileHandleForReading)
    }

    /// Waits for the line that a node writes once it serves; false when it ends without one.
    private static func isReady(_ output: FileHandle) -> Bool {
        var line = Data()
        while case let bytes = output.availableData, !bytes.isEmpty {
            line += bytes
            if line.contains(UInt8(ascii: "\n")) { return true }
        }
        return false
    }

    /// Returns at SIGINT or SIGTERM, or when a node ends by itself.
    private func waitForInterrupt(_ nodes: [Process]) {
        let done = DispatchSemaphore(value: 0)
        let sources = [SIGINT, SIGTERM].map { number in
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: .global())
            source.setEventHandler { done.signal() }
            source.activate()
            return source
        }
        for process in nodes { process.terminationHandler = { _ in done.signal() } }
        done.wait()
        for source in sources { source.cancel() }
        if let ended = nodes.first(where: { !$0.isRunning }) {
            print("a node ended with status \(ended.terminationStatus); stopping the others")
        }
    }
}
