import Foundation
import Glibc

/// A `dynamo-node` as a process of its own, killed when the test lets go of it.
final class NodeProcess {
    /// The line that says that the node serves, taken apart.
    struct Ready {
        var client: UInt16
        var peer: UInt16
        var http: UInt16
        var incarnation: String
    }

    struct NotReady: Error {
        var output: String
    }

    let ready: Ready
    private let process: Process

    /// Starts a node and waits until it says that it serves.
    ///
    /// - Parameters:
    ///   - disk: a directory over which the node sees a file system of its own, of so many megabytes.
    ///   - log: where its log goes.
    init(_ arguments: [String], disk: (directory: String, megabytes: Int)? = nil, log: FileHandle? = nil) throws {
        process = Process()
        process.executableURL = Self.executable
        process.arguments = arguments
        if let disk {
            // Each step takes the place of the one before: the process that is started is the node.
            process.executableURL = URL(fileURLWithPath: "/usr/bin/unshare")
            let mount = "mkdir -p \"$0\" && mount -t tmpfs -o size=\(disk.megabytes)m tmpfs \"$0\" && exec \"$@\""
            process.arguments =
                [getuid() == 0 ? "-m" : "-Urm", "/bin/sh", "-c", mount, disk.directory, Self.executable.path]
                + arguments
        }
        let output = Pipe()
        process.standardOutput = output
        process.standardError = log ?? FileHandle.nullDevice
        try process.run()
        let line = Self.firstLine(output.fileHandleForReading)
        guard let ready = Ready(line: line) else {
            process.terminate()
            throw NotReady(output: line)
        }
        self.ready = ready
    }

    deinit {
        kill(SIGKILL)
        process.waitUntilExit()
    }

    /// Beside the tests, where the build puts every product.
    static var executable: URL {
        let own = URL(fileURLWithPath: "/proc/self/exe").resolvingSymlinksInPath()
        let beside = own.deletingLastPathComponent().appendingPathComponent("dynamo-node")
        if FileManager.default.isExecutableFile(atPath: beside.path) { return beside }
        let bundle = URL(fileURLWithPath: CommandLine.arguments[0]).deletingLastPathComponent()
        return bundle.appendingPathComponent("dynamo-node")
    }

    var isRunning: Bool { process.isRunning }
    var processIdentifier: pid_t { process.processIdentifier }

    func kill(_ signal: CInt) {
        if process.isRunning { Glibc.kill(process.processIdentifier, signal) }
    }

    /// Sends a signal and waits for the end; the exit status, or the signal's number negated.
    func end(_ signal: CInt) -> CInt {
        kill(signal)
        process.waitUntilExit()
        return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    }

    /// Runs a node that is expected to end by itself.
    static func run(_ arguments: [String]) throws -> (status: CInt, output: String) {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let output = Pipe()
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    /// What a node writes to standard error until it is stopped, once it serves.
    static func logOf(_ arguments: [String]) throws -> String {
        let process = Process()
        process.executableURL = executable
        process.arguments = arguments
        let output = Pipe(), log = Pipe()
        process.standardOutput = output
        process.standardError = log
        try process.run()
        _ = firstLine(output.fileHandleForReading)
        process.terminate()
        let data = log.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: data, as: UTF8.self)
    }

    private static func firstLine(_ handle: FileHandle) -> String {
        var line = Data()
        while true {
            let byte = handle.readData(ofLength: 1)
            if byte.isEmpty || byte.first == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line += byte
        }
    }
}

extension NodeProcess.Ready {
    /// `ready name=n1 client=127.0.0.1:8087 peer=… http=… incarnation=… in 12 ms`.
    init?(line: String) {
        let words = line.split(separator: " ")
        guard words.first == "ready" else { return nil }
        var values: [Substring: Substring] = [:]
        for word in words {
            let parts = word.split(separator: "=", maxSplits: 1)
            if parts.count == 2 { values[parts[0]] = parts[1] }
        }
        func port(_ name: Substring) -> UInt16? {
            values[name]?.split(separator: ":").last.flatMap { UInt16($0) }
        }
        guard let client = port("client"), let peer = port("peer"), let http = port("http"),
            let incarnation = values["incarnation"]
        else { return nil }
        self.init(client: client, peer: peer, http: http, incarnation: String(incarnation))
    }
}
