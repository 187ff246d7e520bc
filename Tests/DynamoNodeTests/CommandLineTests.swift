import Foundation
import Testing

@Suite("The command line", .serialized)
struct CommandLineTests {
    @Test("options that make no sense: one sentence that names the option, exit status 64")
    func invalidOptions() throws {
        let cases: [(arguments: [String], expected: String)] = [
            (["--client", "nowhere"], "--client"), (["--n", "0"], "--n"), (["--n", "3"], "--n 3 is above"),
            (["--r", "9"], "--r"), (["--request-timeout", "2"], "--request-timeout"),
            (["--anti-entropy", "maybe"], "--anti-entropy"), (["--flaw", "nosuch"], "forget-hints"),
            (["--log-level", "loud"], "expected one of"), (["--member", "n2=127.0.0.1:1"], "--name n1 is not among"),
            (["--member", "n1"], "--member"), (["--weight", "n7=2"], "--weight n7"), (["--nosuch"], "--nosuch"),
        ]
        for (arguments, expected) in cases {
            let result = try NodeProcess.run(["--name", "n1", "--data", "/nonexistent/x"] + arguments)
            #expect(result.status == 64, "\(arguments): \(result.output)")
            #expect(result.output.contains(expected), "\(arguments): \(result.output)")
        }
        #expect(try NodeProcess.run([]).status == 64)
    }

    @Test func helpAndVersion() throws {
        let help = try NodeProcess.run(["--help"])
        #expect(help.status == 0)
        #expect(help.output.contains("--member n1=127.0.0.1:9001"))
        #expect(try NodeProcess.run(["--version"]).output == "0.1.0\n")
    }

    @Test("a port or a directory in use: one sentence, exit status 1")
    func inUse() throws {
        let directory = try TemporaryDirectory()
        let arguments = ["--name", "n1", "--peer", "127.0.0.1:0", "--http", "127.0.0.1:0", "--log-level", "error"]
        let node = try NodeProcess(arguments + ["--data", directory.path, "--client", "127.0.0.1:0"])
        let port = node.ready.client
        let second = try NodeProcess.run(arguments + ["--data", directory.path, "--client", "127.0.0.1:0"])
        #expect(second.status == 1)
        #expect(second.output.contains("is in use by another dynamo-node"))
        let other = try TemporaryDirectory()
        let third = try NodeProcess.run(arguments + ["--data", other.path, "--client", "127.0.0.1:\(port)"])
        #expect(third.status == 1)
        #expect(third.output == "Error: cannot listen on 127.0.0.1:\(port) for clients: Address already in use\n")
        let fourth = try NodeProcess.run(arguments + ["--data", "/proc/nowhere", "--client", "127.0.0.1:0"])
        #expect(fourth.status == 1)
    }
}
