import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// Runs a system tool to its end, text in and text out. For `ip` and `nft`, which answer in milliseconds.
enum Tool {
    /// Runs `arguments` with `input` on standard input and waits at most `limit` seconds.
    ///
    /// Throws ``ToolError`` with the tool's own words when it fails, cannot be started or takes too long.
    @discardableResult
    static func run(_ arguments: [String], input: String = "", limit: Int = 10) throws(ToolError) -> String {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = arguments
        // Tools of the administrator live in sbin, which a user's PATH may leave out.
        process.environment = ProcessInfo.processInfo.environment.merging(
            ["PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"]) { _, own in own }
        let (standardInput, output, errors) = (Pipe(), Pipe(), Pipe())
        process.standardInput = standardInput
        process.standardOutput = output
        process.standardError = errors
        let done = DispatchSemaphore(value: 0)
        process.terminationHandler = { _ in done.signal() }
        do { try process.run() } catch { throw ToolError(tool: arguments, reason: "\(error)") }
        try? standardInput.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try? standardInput.fileHandleForWriting.close()
        if done.wait(timeout: .now() + .seconds(limit)) == .timedOut {
            kill(process.processIdentifier, SIGKILL)
            throw ToolError(tool: arguments, reason: "no end after \(limit) s")
        }
        let text = String(decoding: (try? output.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
        guard process.terminationStatus == 0 else {
            let words = String(decoding: (try? errors.fileHandleForReading.readToEnd()) ?? Data(), as: UTF8.self)
            throw ToolError(tool: arguments, reason: words.trimmingCharacters(in: .whitespacesAndNewlines))
        }
        return text
    }
}

/// A system tool that failed, in its own words.
public struct ToolError: Error, CustomStringConvertible, Sendable {
    public let tool: [String]
    public let reason: String

    public var description: String {
        let missing = reason.contains("No such file or directory") && reason.hasPrefix("env:")
        let wayOut = missing ? " (make setup installs it)" : ""
        return "\(tool.joined(separator: " ")): \(reason)\(wayOut)"
    }
}
