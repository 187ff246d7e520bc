import Foundation

/// The built programs, run as a user runs them.
enum Program {
    /// The package's folder.
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().path
    static let dyno = root + "/.build/release/dyno"

    struct Result {
        var status: Int32
        var output: String
        var errors: String
    }

    /// Runs `dyno` to its end; a run that takes longer than `limit` seconds is killed.
    static func run(_ arguments: [String], limit: TimeInterval = 120) throws -> Result {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: dyno)
        process.arguments = arguments
        let directory = try TemporaryDirectory()
        let (output, errors) = (directory.path + "/out", directory.path + "/err")
        for path in [output, errors] { _ = FileManager.default.createFile(atPath: path, contents: nil) }
        process.standardOutput = FileHandle(forWritingAtPath: output)
        process.standardError = FileHandle(forWritingAtPath: errors)
        let done = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in done.signal() }
        try process.run()
        if done.wait(timeout: .now() + limit) == .timedOut { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return Result(
            status: process.terminationStatus, output: try String(contentsOfFile: output, encoding: .utf8),
            errors: try String(contentsOfFile: errors, encoding: .utf8))
    }

    /// The command lines of all processes of this machine that name `text`.
    static func processes(naming text: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil }.compactMap { name in
            guard let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { return nil }
            let line = String(decoding: data, as: UTF8.self).replacingOccurrences(of: "\0", with: " ")
            return line.contains(text) ? line : nil
        }
    }

    /// The names of this network namespace's interfaces.
    static var interfaces: Set<String> {
        Set((try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")) ?? [])
    }

    /// How many file systems are mounted, as this process sees them.
    static var mounts: Int {
        let text = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        return text.split(separator: "\n").count
    }
}

/// A directory that is removed with this value.
final class TemporaryDirectory {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.appendingPathComponent("dyno-test-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// A workload that is over in a few seconds and still kills and cuts.
enum SmallWorkload {
    static let text = """
        name: small
        store: { kind: dynamo, nodes: 5, n: 3, r: 2, w: 2, ring: 16 }
        clients: 8
        rate: 400
        operations: 1500
        keys: { count: 40, distribution: zipf(0.99) }
        mix: { get: 45, put: 50, delete: 5, blind: 20% }
        faults:
          - { kill: home, at: 500ms, for: 1s }
          - { partition: halves, at: 2s, for: 1s }
        converge-within: 30s
        require: { kills: 1, partitions: 1, ok-operations: 500, acknowledgements-judged: 300 }
        seed: 7
        """

    static func write(into directory: TemporaryDirectory) throws -> String {
        let path = directory.path + "/small.yml"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }
}
