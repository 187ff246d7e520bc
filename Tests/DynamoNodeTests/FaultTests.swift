import Foundation
import Glibc
import RiakProtocol
import Testing

@Suite("Nodes that die", .serialized)
struct FaultTests {
    @Test("after kill -9 of every node, everything acknowledged is there")
    func killAll() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        for index in 0..<200 { try client.put("k\(index)", "v\(index)") }
        for name in cluster.names { #expect(cluster.end(name, SIGKILL) == -SIGKILL) }
        let before = try cluster.names.map { name in
            try cluster.start(name)
            return try cluster.ready(name).incarnation
        }
        #expect(try eventually(condition: cluster.meet))
        #expect(Set(before).count == 3)
        let again = try cluster.client("n2")
        for index in 0..<200 {
            #expect(try again.get("k\(index)") { $0.pr = QuorumWord.quorum }.values == ["v\(index)"])
        }
    }

    @Test("what is written while a home is down goes home as hints, with anti-entropy off")
    func handoff() throws {
        let cluster = try Cluster(4, options: ["--anti-entropy", "off", "--read-repair", "off"])
        let client = try cluster.client("n1")
        cluster.end("n3", SIGKILL)
        for index in 0..<100 { try client.put("k\(index)", "v\(index)") }
        #expect(try cluster.metric("dynamo_hints_waiting") > 0)
        let hints = try cluster.names.filter { $0 != "n3" }.flatMap { name in
            try cluster.observer(name).lines("/observe/replicas").filter { $0["hint_for"] as? String == "n3" }
        }
        #expect(!hints.isEmpty)
        #expect(hints.allSatisfy { $0["home"] as? Bool == false && $0["range"] == nil })
        try cluster.start("n3")
        #expect(try eventually(within: 30) { try cluster.metric("dynamo_hints_waiting") == 0 })
        let home = Dictionary(
            uniqueKeysWithValues: try cluster.observer("n3").lines("/observe/replicas").map {
                ($0["key"] as? String ?? "", $0["versions"] as? [[String: Any]] ?? [])
            })
        let expected = Set(hints.compactMap { $0["key"] as? String })
        for key in expected {
            let values = home[key]?.compactMap { $0["value"] as? String }
            #expect(values == ["v" + key.dropFirst()])
        }
    }

    @Test("SIGTERM and SIGINT: exit status 0, and nothing lost", arguments: [SIGTERM, SIGINT])
    func termination(signal: CInt) throws {
        let cluster = try Cluster(1)
        let client = try cluster.client("n1")
        for index in 0..<50 { try client.put("k\(index)", "v") }
        #expect(cluster.end("n1", signal) == 0)
        try cluster.start("n1")
        let again = try cluster.client("n1")
        for index in 0..<50 { #expect(try again.get("k\(index)").values == ["v"]) }
    }

    @Test("garbage on every port costs the sender its connection and nobody else anything")
    func garbage() throws {
        let cluster = try Cluster(2)
        let ready = try cluster.ready("n1")
        let client = try cluster.client("n1")
        try client.put("k", "v")
        let noise: [[UInt8]] = [
            Array("GET / HTTP/1.1\r\n\r\n".utf8), [0, 0, 0, 0], [255, 255, 255, 255, 1, 2, 3],
            [0, 0, 0, 3, 255, 255, 255], (0..<4_096).map { UInt8(truncatingIfNeeded: $0 &* 31 ^ $0 >> 3) },
        ]
        for port in [ready.client, ready.peer, ready.http] {
            for bytes in noise {
                let socket = try Socket(port: port, timeout: 1)
                try? socket.send(bytes)
                _ = try? socket.receive()
            }
        }
        #expect(try client.get("k").values == ["v"])
        #expect(try cluster.observer("n1").page("/ping").body == "OK")
        #expect(cluster.nodes["n1"]?.isRunning == true)
    }

    @Test("a zero-length frame, and a stranger that says more than who belongs to the store, are shown the door")
    func closed() throws {
        let cluster = try Cluster(2)
        let ready = try cluster.ready("n1")
        let empty = try Socket(port: ready.client)
        try empty.send([0, 0, 0, 0])
        #expect(try empty.receive() == nil)
        let stranger = try Socket(port: ready.peer)
        // A greeting of protocol version 1 from "n9" of the cluster "dyno".
        try stranger.send([0, 0, 0, 14, 0x0A, 12, 0x0A, 2, 0x6E, 0x39, 0x12, 4, 0x64, 0x79, 0x6E, 0x6F, 0x18, 1])
        // An empty `replicated`, in field 3.
        try stranger.send([0, 0, 0, 2, 0x1A, 0])
        #expect(try stranger.receive() == nil)
        #expect(try cluster.observer("n1").metric("dynamo_peer_refused_total") == 1)
    }
}
