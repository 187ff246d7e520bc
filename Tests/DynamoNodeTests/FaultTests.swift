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

    /// It finds nobody at first, and waits for a moment: an answer of `w_val_unsatisfied` would be wrong by then.
    @Test(
        "after kill -9 of every node, the first that is back serves as soon as enough others are, without refusing before"
    )
    func firstBack() throws {
        let cluster = try Cluster(3)
        for round in 0..<3 {
            for name in cluster.names { cluster.end(name, SIGKILL) }
            try cluster.start("n1")
            let asker = Asker(try cluster.client("n1"), key: "k\(round)")
            for name in ["n2", "n3"] { try cluster.start(name) }
            let (values, failure) = asker.wait()
            #expect(values == ["v"], "\(failure ?? "")")
        }
    }

    /// Puts and gets a key on a thread of its own.
    private final class Asker: @unchecked Sendable {
        private let client: RiakClient
        private let thread = DispatchGroup()
        private var values: [String] = []
        private var failure: String?

        init(_ client: RiakClient, key: String) {
            self.client = client
            DispatchQueue.global().async(group: thread) { [self] in
                do {
                    try self.client.put(key, "v")
                    values = try self.client.get(key).values
                } catch {
                    failure = "\(error)"
                }
            }
        }

        func wait() -> (values: [String], failure: String?) {
            thread.wait()
            return (values, failure)
        }
    }

    @Test("with w=1 the last node alive takes every write, and all of it is everywhere once the others are back")
    func alwaysWritable() throws {
        let cluster = try Cluster(5)
        for name in cluster.names.dropLast() { cluster.end(name, SIGKILL) }
        let client = try cluster.client("n5")
        #expect(
            try eventually {
                let page = try cluster.observer("n5").page("/metrics").body.split(separator: "\n")
                return page.filter { $0.hasPrefix("dynamo_peer_suspected{") && $0.hasSuffix(" 1") }.count == 4
            })
        for index in 0..<50 { try client.put("k\(index)", "v\(index)") { $0.w = 1 } }
        #expect(try cluster.observer("n5").metric("dynamo_hints_waiting") > 0)
        for name in cluster.names.dropLast() { try cluster.start(name) }
        #expect(try eventually(within: 30) { try cluster.metric("dynamo_hints_waiting") == 0 })
        let other = try cluster.client("n1")
        for index in 0..<50 { #expect(try other.get("k\(index)") { $0.pr = 3 }.values == ["v\(index)"]) }
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
