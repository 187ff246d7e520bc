import Foundation
import Testing

@Suite("The configuration file", .serialized)
struct ConfigurationFileTests {
    private let directory: TemporaryDirectory

    init() throws { directory = try TemporaryDirectory() }

    private func write(_ text: String) throws -> String {
        let path = directory.path + "/node.conf"
        try text.write(toFile: path, atomically: true, encoding: .utf8)
        return path
    }

    @Test("a node is set up by a file, and a flag wins over it")
    func settings() throws {
        let path = try write(
            """
            # A node by itself.
            name = n1
            data = \(directory.path)/data   # made when it is not there
            client = 127.0.0.1:0
            http = 127.0.0.1:0
              peer=127.0.0.1:0
            partitions = 8
            log-level = error

            """)
        let node = try NodeProcess(["--config", path, "--partitions", "16"])
        let ring = try #require(try Observer(port: node.ready.http).lines("/observe/ring").first)
        #expect(ring["members"] as? [String] == ["n1"])
        #expect(ring["partitions"] as? Int == 16)
    }

    @Test(
        "what is wrong with a file is told with its line and what is allowed, exit status 64",
        arguments: [
            ("nosuch = 1", "there is no setting nosuch; there are: name, data"), ("n = 0", "a number from 1 to 128"),
            ("anti-entropy = maybe", "'on' and 'off'"), ("request-timeout = 2", "such as 250ms"),
            ("name", "expected KEY = VALUE"), ("= n1", "expected KEY = VALUE"),
            ("config = other.conf", "no setting config"),
        ])
    func mistakes(line: String, expected: String) throws {
        let path = try write("# first\nname = n1\n\(line)\ndata = /nonexistent/x\n")
        let result = try NodeProcess.run(["--config", path])
        #expect(result.status == 64)
        #expect(result.output.contains("\(path):3: "), "\(result.output)")
        #expect(result.output.contains(expected), "\(result.output)")
    }

    @Test func unreadable() throws {
        #expect(try NodeProcess.run(["--config", directory.path + "/nosuch"]).output.contains("No such file"))
        #expect(try NodeProcess.run(["--config", directory.path]).status == 64)
    }

    @Test("the table of settings has every option of the help, each with a meaning")
    func table() throws {
        let table = try NodeProcess.run(["settings"])
        #expect(table.status == 0)
        let rows = table.output.split(separator: "\n").dropFirst()
        let names = Set(rows.compactMap { $0.split(separator: " ").first.map(String.init) })
        let help = try NodeProcess.run(["--help"]).output
        let flags = help.split(whereSeparator: { " \n[]".contains($0) }).filter { $0.hasPrefix("--") }
        let options = Set(flags.map { String($0.dropFirst(2).prefix { $0.isLetter || $0 == "-" }) })
        #expect(names.count > 25 && names.isSubset(of: options))
        #expect(rows.allSatisfy { $0.hasSuffix(".") })
    }

    @Test("log lines are key=value or JSON, one an event")
    func logs() throws {
        for (format, begin) in [("logfmt", "time="), ("json", "{\"time\":\"")] {
            let output = try NodeProcess.logOf([
                "--name", "n1", "--data", directory.path + "/" + format, "--client", "127.0.0.1:0", "--http",
                "127.0.0.1:0", "--peer", "127.0.0.1:0", "--log-format", format,
            ])
            let lines = output.split(separator: "\n")
            #expect(!lines.isEmpty && lines.allSatisfy { $0.hasPrefix(begin) }, "\(output)")
            if format == "json" {
                for line in lines {
                    let object = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
                    #expect(object?["level"] is String && object?["msg"] is String)
                }
            }
        }
    }
}
