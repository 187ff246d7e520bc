import Foundation
import RiakProtocol
import Testing

/// Clients that ask too much of a node lose their connection, and nobody else notices.
@Suite("Hostile clients", .serialized)
struct HostileTests {
    private static let options = [
        "--patience", "1s", "--idle-timeout", "2s", "--max-connections", "20", "--request-timeout", "10s",
    ]

    /// Whether the node closes the connection, within the time that the socket waits.
    private static func closes(_ socket: Socket) throws -> Bool {
        while let bytes = try socket.receive() { if bytes.isEmpty { return false } }
        return true
    }

    /// Runs `attack` while an honest client of each port goes on, and looks that it does.
    private func survives(_ attack: (Cluster, NodeProcess.Ready) throws -> Void) throws {
        let cluster = try Cluster(1, options: Self.options)
        let client = try cluster.client("n1")
        try client.put("honest", "v")
        try attack(cluster, try cluster.ready("n1"))
        #expect(try client.get("honest").values == ["v"])
        #expect(try cluster.web("n1").request("GET", "/buckets/b/keys/honest").text == "v")
        #expect(cluster.nodes["n1"]?.isRunning == true)
    }

    @Test(
        "a request begun and not ended",
        arguments: [
            ("client", [0, 0, 0, 9, 9]), ("client", [0, 0]), ("http", Array("GET /ping HT".utf8)),
            ("http", Array("PUT /buckets/b/keys/k HTTP/1.1\r\nContent-Length: 9\r\n\r\nab".utf8)),
            ("peer", [0, 0, 0, 14, 10]), ("peer", []),
        ] as [(String, [UInt8])])
    func slowLoris(port: String, bytes: [UInt8]) throws {
        try survives { cluster, ready in
            let socket = try Socket(
                port: ["client": ready.client, "http": ready.http][port] ?? ready.peer, timeout: 20)
            try socket.send(bytes)
            #expect(try Self.closes(socket))
        }
    }

    @Test("a frame over the limit costs the connection before it has been sent", arguments: ["client", "peer"])
    func longFrames(port: String) throws {
        try survives { cluster, ready in
            let socket = try Socket(port: port == "client" ? ready.client : ready.peer, timeout: 20)
            try socket.send([0x7F, 0xFF, 0xFF, 0xFF, 9, 9, 9])
            #expect(try Self.closes(socket))
        }
    }

    @Test("a head over the limit costs the connection")
    func longHeads() throws {
        try survives { cluster, ready in
            let socket = try Socket(port: ready.http, timeout: 20)
            try? socket.send(Array("GET /ping HTTP/1.1\r\n".utf8))
            for _ in 0..<100 { try? socket.send(Array("X-A: \(String(repeating: "a", count: 1_000))\r\n".utf8)) }
            #expect((try? Self.closes(socket)) ?? true)
        }
    }

    @Test("answers that nobody reads: the memory for them is bounded, and the connection ends")
    func unread() throws {
        try survives { cluster, ready in
            try cluster.client("n1").put("big", String(repeating: "x", count: 1 << 20))
            let observer = try cluster.observer("n1")
            let before = try observer.metric("process_resident_memory_bytes")
            var get = RpbGetReq()
            get.bucket = Data("b".utf8)
            get.key = Data("big".utf8)
            let frame = try Frame(.getRequest, get).bytes
            let silent = try Socket(port: ready.client), web = try Socket(port: ready.http)
            let line = Array("GET /buckets/b/keys/big HTTP/1.1\r\nHost: x\r\n\r\n".utf8)
            for _ in 0..<300 {
                try silent.send(frame)
                try web.send(line)
            }
            for port in ["client", "http"] {
                let dropped = try eventually(within: 30) {
                    try observer.metric("dynamo_connections_dropped_total{port=\"\(port)\"}") == 1
                }
                #expect(dropped, "\(port)")
            }
            let after = try observer.metric("process_resident_memory_bytes")
            // Six hundred answers of a megabyte were asked for.
            #expect(after - before < 100_000_000)
        }
    }

    @Test("connections over the limit are closed, and there is room again once others have gone")
    func tooMany() throws {
        try survives { cluster, ready in
            var sockets = try (0..<40).map { _ in try Socket(port: ready.client, timeout: 20) }
            let observer = try cluster.observer("n1")
            let refused = try eventually {
                try observer.metric("dynamo_connections_refused_total{port=\"client\"}") >= 20
            }
            #expect(refused)
            #expect(try observer.metric("dynamo_connections{port=\"client\"}") <= 20)
            sockets = []
            let room = try eventually { try observer.metric("dynamo_connections{port=\"client\"}") < 5 }
            #expect(room && sockets.isEmpty)
            #expect(try cluster.client("n1").get("honest").values == ["v"])
        }
    }
}
