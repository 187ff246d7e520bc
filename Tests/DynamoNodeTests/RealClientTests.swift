import Foundation
import Testing

/// Clients that know nothing of this project, against real nodes.
@Suite("Real clients", .serialized)
struct RealClientTests {
    private static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Clients")

    /// The Python of a virtual environment with the package `riak`, which `make riak-client` makes.
    private static let python: String? = {
        let root = folder.deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = root.appendingPathComponent(".build/riak-client/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    private func run(_ executable: String, _ arguments: [String]) throws -> (status: CInt, output: String) {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = [executable] + arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    @Test("curl") func curl() throws {
        let cluster = try Cluster(3, options: ["--request-timeout", "10s"])
        let hosts = try ["n1", "n2"].map { "http://127.0.0.1:\(try cluster.ready($0).http)" }
        let result = try run("sh", [Self.folder.appendingPathComponent("curl.sh").path] + hosts)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(
        "the PyPI package riak 2.7.0, over both of its transports",
        .enabled(if: python != nil, "there is no .build/riak-client/bin/python: `make riak-client` makes it"))
    func riak() throws {
        let cluster = try Cluster(3, options: ["--request-timeout", "10s"])
        let ready = try cluster.ready("n1")
        let script = Self.folder.appendingPathComponent("riak_client.py").path
        let result = try run(Self.python ?? "", [script, "127.0.0.1", "\(ready.client)", "\(ready.http)"])
        #expect(result.status == 0, "\(result.output)")
    }
}
