import Foundation
import Testing

#if canImport(Glibc)
    import Glibc
#endif

/// `dyno report`, `dyno serve`, `dyno explain` and `dyno manual`, as a user runs them.
@Suite struct BrowseTests {
    /// A folder with two runs: one good, one with anomalies.
    private func runs() throws -> TemporaryDirectory {
        let directory = try TemporaryDirectory()
        for (name, sample) in [("1-correct", "correct-0"), ("2 bad & <worse>", "bug-lww")] {
            try FileManager.default.createDirectory(
                atPath: "\(directory.path)/\(name)", withIntermediateDirectories: true)
            let made = try Program.run(
                ["convert", "\(Self.conformance)/\(sample).jsonl", "\(directory.path)/\(name)/history.dyno"])
            #expect(made.status == 0, "\(made.errors)")
        }
        return directory
    }

    private static let conformance = Program.root + "/Tests/CheckersTests/Conformance"

    @Test func aFolderGetsAnIndexAndEveryRunItsReport() throws {
        let directory = try runs()
        let result = try Program.run(["report", directory.path])
        #expect(result.status == 0, "\(result.errors)")
        let index = try String(contentsOfFile: directory.path + "/index.html", encoding: .utf8)
        #expect(
            index.contains("2 bad &amp; &lt;worse&gt;")
                && index.contains("href=\"2%20bad%20%26%20%3Cworse%3E/report.html\""))
        for name in ["1-correct", "2 bad & <worse>"] {
            let report = try String(contentsOfFile: "\(directory.path)/\(name)/report.html", encoding: .utf8)
            #expect(report.hasPrefix("<!DOCTYPE html>") && report.contains("</html>"))
        }
        #expect(try Program.run(["report", directory.path + "/none"]).status == 254)
    }

    @Test func anAnomalyIsListedDrawnAndWrittenAsSVG() throws {
        let directory = try TemporaryDirectory()
        let file = Self.conformance + "/bug-phantom.jsonl"
        let list = try Program.run(["explain", file])
        #expect(list.status == 0 && list.output.contains("1  phantom-value:"), "\(list.output)\(list.errors)")
        let drawn = try Program.run(["explain", file, "1"])
        #expect(drawn.status == 0 && drawn.output.contains("✗ nobody ever wrote"), "\(drawn.output)\(drawn.errors)")
        #expect(!drawn.output.contains("\u{1B}"), "no colours where the output is no terminal")
        let svg = directory.path + "/why.svg"
        #expect(try Program.run(["explain", file, "1", "--svg", svg]).status == 0)
        #expect(try String(contentsOfFile: svg, encoding: .utf8).contains("</svg>"))
        #expect(try Program.run(["explain", file, "nonsense"]).status == 254)
        #expect(try Program.run(["explain", Self.conformance + "/correct-0.jsonl"]).output.contains("no anomalies"))
    }

    @Test func runsAreServedToThisMachineAndToNobodyElse() throws {
        let directory = try runs()
        let server = try Server(folder: directory.path)
        defer { server.stop() }
        let index = try server.get("/")
        #expect(index.hasPrefix("HTTP/1.1 200") && index.contains("2 bad &amp; &lt;worse&gt;"), "\(index)")
        let report = try server.get("/run/2%20bad%20%26%20%3Cworse%3E/")
        #expect(report.hasPrefix("HTTP/1.1 200") && report.contains("Dyno report"))
        #expect(report.lowercased().contains("x-content-type-options: nosniff"))
        #expect(try server.get("/run/1-correct/history.dyno").hasPrefix("HTTP/1.1 200"))

        try "secret".write(toFile: directory.path + "/outside", atomically: true, encoding: .utf8)
        for path in [
            "/run/../outside", "/run/..%2foutside", "/outside", "/run/1-correct/../../outside", "//etc/passwd",
            "/run/%2e%2e/outside", "/run/1-correct/..%2f..%2foutside", "/run/1-correct/%2fetc%2fpasswd",
        ] {
            let answer = try server.get(path)
            #expect(answer.hasPrefix("HTTP/1.1 404"), "\(path): \(answer)")
            #expect(!answer.contains("secret") && !answer.contains("root:"), "\(path)")
        }
        #expect(try server.get("/", host: "evil.example").hasPrefix("HTTP/1.1 403"), "DNS rebinding")
        #expect(try server.send("GET / HTTP/1.0\r\n\r\n").contains(" 403 "), "no host at all")
        #expect(
            try server.send("POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n").hasPrefix("HTTP/1.1 405")
        )
        #expect(try server.send("HEAD / HTTP/1.1\r\nhost: localhost\r\n\r\n").hasSuffix("\r\n\r\n"))
        #expect(server.listensOnLoopbackAlone)
    }

    @Test func everyCommandHasAManualPageAndCompletions() throws {
        let directory = try TemporaryDirectory()
        #expect(try Program.run(["manual", "--into", directory.path]).status == 0)
        let pages = try FileManager.default.contentsOfDirectory(atPath: directory.path)
        for name in [
            "dyno.1", "dyno-run.1", "dyno-explain.1", "dyno-bench-store.1", "dynamo-node.1", "dynamo-node-join.1",
        ] {
            #expect(pages.contains(name), "\(pages.sorted())")
        }
        let page = try String(contentsOfFile: directory.path + "/dyno-run.1", encoding: .utf8)
        for line in [".TH \"DYNO\\-RUN\" 1", ".SH SYNOPSIS", ".SH OPTIONS", "\\fB\\-\\-seed\\fR \\fIseed\\fR"] {
            #expect(page.contains(line), "\(line)")
        }
        for shell in ["bash", "zsh", "fish"] {
            let script = try Program.run(["--generate-completion-script", shell])
            #expect(script.status == 0 && script.output.contains("explain"), "\(shell): \(script.errors)")
        }
    }
}

/// `dyno serve` while it runs.
private final class Server {
    private let process = Process()
    private let port: UInt16

    init(folder: String) throws {
        process.executableURL = URL(fileURLWithPath: Program.dyno)
        process.arguments = ["serve", folder, "--port", "0"]
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        // The address is printed once it answers.
        var line = Data()
        while case let bytes = output.fileHandleForReading.availableData, !bytes.isEmpty {
            line += bytes
            if line.contains(UInt8(ascii: "\n")) { break }
        }
        let text = String(decoding: line, as: UTF8.self)
        let match = try #require(text.firstMatch(of: #/http://127\.0\.0\.1:([0-9]+)//#), "\(text)")
        port = try #require(UInt16(match.1))
    }

    func stop() {
        process.terminate()
        process.waitUntilExit()
    }

    func get(_ path: String, host: String? = nil) throws -> String {
        try send("GET \(path) HTTP/1.1\r\nhost: \(host ?? "127.0.0.1:\(port)")\r\n\r\n")
    }

    /// Everything that the server answers until it closes the connection.
    func send(_ request: String) throws -> String {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(descriptor) }
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        try #require(connected == 0)
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        _ = request.withCString { Glibc.send(descriptor, $0, strlen($0), Int32(MSG_NOSIGNAL)) }
        var answer: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while case let count = recv(descriptor, &buffer, buffer.count, 0), count > 0 { answer += buffer[..<count] }
        return String(decoding: answer, as: UTF8.self)
    }

    /// As the kernel lists it: the local address of the listening socket is 127.0.0.1.
    var listensOnLoopbackAlone: Bool {
        let table = (try? String(contentsOfFile: "/proc/net/tcp", encoding: .utf8)) ?? ""
        let hexadecimal = String(port, radix: 16, uppercase: true)
        let suffix = ":" + String(repeating: "0", count: 4 - hexadecimal.count) + hexadecimal
        let listening = table.split(separator: "\n").map { $0.split(separator: " ") }.filter {
            $0.count > 3 && $0[3] == "0A" && $0[1].hasSuffix(suffix)
        }
        return listening.count == 1 && listening[0][1] == "0100007F" + suffix
    }
}
