import ArgumentParser
import Controller
import Foundation

/// A command that runs inside the sandbox.
protocol SandboxedCommand: ParsableCommand {
    /// Whether it is to run in a sandbox this time, or as any other command.
    var isSandboxed: Bool { get }
    /// What can be said to be wrong before any sandbox is made.
    func checkBeforeSandbox() throws
    /// Whether the machine's own root is needed inside.
    var staysRoot: Bool { get throws }
    /// Whether it runs in a sandbox, outside of any, or in one where the kernel gives it.
    var isolation: Isolation { get throws }
    /// What cannot be done outside of a sandbox; nil: everything can.
    func objectionToRelay() throws -> String?
    func runInside() async throws
}

/// Whether a command needs a sandbox.
enum Isolation {
    case needed, welcome, unwanted
}

extension SandboxedCommand {
    var isSandboxed: Bool { true }
    var staysRoot: Bool { get throws { false } }
    var isolation: Isolation { get throws { .needed } }
    func objectionToRelay() throws -> String? { nil }
}

/// The program: chooses the subcommand, enters the sandbox where one is needed, and turns errors into the exit codes of SEMANTICS section 4.
///
/// Not an `AsyncParsableCommand`: the sandbox must be entered while the process has a single thread.
@main
enum Main {
    static func main() {
        // A reader that goes away (`dyno show … | head`) is no crash.
        signal(SIGPIPE, SIG_IGN)
        do {
            var command = try Dyno.parseAsRoot()
            if let sandboxed = command as? any SandboxedCommand, sandboxed.isSandboxed {
                try enterSandbox(sandboxed)
                let boxed = UncheckedBox(sandboxed)
                runAsync { try await boxed.value.runInside() }
            }
            if let asynchronous = command as? any AsyncParsableCommand {
                let boxed = UncheckedBox(asynchronous)
                runAsync {
                    var command = boxed.value
                    try await command.run()
                }
            }
            try command.run()
            exit(0)
        } catch {
            end(with: error)
        }
    }

    /// Returns inside the sandbox, or where the command is to run without one.
    private static func enterSandbox(_ command: any SandboxedCommand) throws {
        try command.checkBeforeSandbox()
        if Sandbox.inside != nil { return try SandboxInterior.prepare() }
        let isolation = try command.isolation
        if isolation != .unwanted {
            do { exit(try Sandbox.enter(staysRoot: try command.staysRoot)) } catch let error as SandboxError {
                guard isolation == .welcome, error.isRefusal else { throw error }
                FileHandle.standardError.write(
                    Data("no namespaces (\(error.reason)): the nodes' connections are relayed instead\n".utf8))
            }
        }
        if let objection = try command.objectionToRelay() { throw Failure.unusable(objection) }
    }

    private static func runAsync(_ body: @escaping @Sendable () async throws -> Void) -> Never {
        Task.detached {
            do {
                try await body()
                exit(0)
            } catch {
                end(with: error)
            }
        }
        dispatchMain()
    }

    /// Prints what there is to say and ends the process.
    private static func end(with error: any Error) -> Never {
        if let code = error as? ExitCode { exit(code.rawValue) }
        let isHelp = Dyno.exitCode(for: error) == .success
        if isHelp {
            print(Dyno.fullMessage(for: error))
            exit(0)
        }
        let failure = error as? Failure
        let words = failure?.message ?? "\(error)"
        let text = isArgumentError(error) ? Dyno.fullMessage(for: error) : "dyno: \(words)"
        FileHandle.standardError.write(Data((text + "\n").utf8))
        exit(
            failure?.code ?? (isArgumentError(error) || error is SandboxError ? ExitStatus.unusable : ExitStatus.broken)
        )
    }

    /// Whether the error comes from the command line itself.
    private static func isArgumentError(_ error: any Error) -> Bool {
        error is ValidationError || String(reflecting: type(of: error)).hasPrefix("ArgumentParser.")
    }
}

/// Carries a parsed command, which nothing else holds any more, to the task that runs it.
private struct UncheckedBox<Value>: @unchecked Sendable {
    let value: Value
    init(_ value: Value) { self.value = value }
}

/// Exit statuses, as users of this field's tools know them (SEMANTICS section 4).
enum ExitStatus {
    static let valid: Int32 = 0
    static let invalid: Int32 = 1
    static let unknown: Int32 = 2
    static let unusable: Int32 = 254
    static let broken: Int32 = 255
}

/// An error that ends the program, with its sentence and its exit status.
struct Failure: Error {
    let message: String
    let code: Int32

    /// Arguments or input that cannot be used.
    static func unusable(_ message: String) -> Failure { Failure(message: message, code: ExitStatus.unusable) }
    /// The tool itself failed.
    static func broken(_ message: String) -> Failure { Failure(message: message, code: ExitStatus.broken) }
}
