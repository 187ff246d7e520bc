import Foundation
import Glibc
import Testing

@Suite("Nodes that come and go", .serialized)
struct MembershipTests {
    /// Writes through some nodes until it is stopped, and remembers what was acknowledged.
    private final class Writer: @unchecked Sendable {
        private let lock = NSLock()
        private var stopped = false
        private var written: [Int] = []
        private var failures: [String] = []
        private let thread = DispatchGroup()
        private let clients: [RiakClient]

        init(_ clients: [RiakClient]) {
            self.clients = clients
            DispatchQueue.global().async(group: thread) { [self] in
                var number = 0
                while !lock.withLock({ stopped }) {
                    do {
                        try self.clients[number % self.clients.count].put("w\(number)", "v\(number)")
                        lock.withLock { written.append(number) }
                    } catch {
                        lock.withLock { failures.append("\(error)") }
                    }
                    number += 1
                    usleep(1_000)
                }
            }
        }

        /// Stops, and tells what was acknowledged and what failed.
        func stop() -> (written: [Int], failures: [String]) {
            lock.withLock { stopped = true }
            thread.wait()
            return lock.withLock { (written, failures) }
        }
    }

    /// Every key that a node stores, and whether it is home of it.
    private func stored(_ cluster: Cluster, _ node: String) throws -> [String: Bool] {
        let lines = try cluster.observer(node).lines("/observe/replicas")
        return Dictionary(
            lines.map { ($0["key"] as? String ?? "", $0["home"] as? Bool ?? false) }, uniquingKeysWith: { $0 && $1 })
    }

    private func settle(_ cluster: Cluster, at node: String) throws {
        let result = try cluster.administer(["status", "--wait", "60s"], at: node)
        #expect(result.status == 0, "\(result.output)")
    }

    @Test(
        "a sixth node joins and another leaves while clients write, at that one, too: every operation is served, nothing is lost"
    )
    func joinAndLeave() throws {
        let cluster = try Cluster(5, options: ["--anti-entropy", "off", "--read-repair", "off"])
        let first = try cluster.client("n1")
        for number in 0..<600 { try first.put("k\(number)", "v\(number)") }
        let writer = Writer(try ["n1", "n3", "n5"].map { try cluster.client($0) })
        try cluster.join("n6", at: "n2", ["--anti-entropy", "off", "--read-repair", "off"])
        try settle(cluster, at: "n6")
        let joined = try stored(cluster, "n6")
        #expect(joined.values.allSatisfy { $0 })
        // Half of all keys have one of six nodes among their three homes.
        let share = joined.keys.filter { $0.hasPrefix("k") }.count
        #expect((180...420).contains(share), "\(share) of 600")
        #expect(try cluster.administer(["leave", "--name", "n5"], at: "n6").status == 0)
        try settle(cluster, at: "n1")
        let (written, failures) = writer.stop()
        #expect(failures.isEmpty, "\(failures.count) of \(failures.count + written.count): \(failures.first ?? "")")
        try settle(cluster, at: "n1")
        #expect(try eventually { try stored(cluster, "n5").isEmpty })
        #expect(try cluster.observer("n1").metric("dynamo_ring_version") == 2)
        #expect(try cluster.observer("n1").metric("dynamo_ring_changes_pending") == 0)
        let table = try cluster.administer(["status"], at: "n1").output
        #expect(table.contains("left: may be stopped"), "\(table)")
        // It serves clients until it is stopped, as a node does that is home of nothing.
        let left = try cluster.client("n5")
        try left.put("late", "v")
        #expect(try left.get("late").values == ["v"])
        #expect(try cluster.observer("n5").metric("dynamo_requests_forwarded_total") > 0)
        #expect(cluster.end("n5", SIGTERM) == 0)
        #expect(try eventually { try !cluster.observer("n1").page("/metrics").body.contains("{peer=\"n5\"}") })
        var copies: [String: Int] = [:]
        for node in ["n1", "n2", "n3", "n4", "n6"] {
            for (key, isHome) in try stored(cluster, node) {
                #expect(isHome, "\(key) on \(node)")
                copies[key, default: 0] += 1
            }
        }
        let expected = (0..<600).map { "k\($0)" } + written.map { "w\($0)" } + ["late"]
        let short = expected.filter { copies[$0] != 3 }
        #expect(short.isEmpty, "\(short.count) of \(expected.count): \(short.prefix(5))")
    }

    @Test("killed again and again while it joins, a node resumes where it was")
    func killedJoiner() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        let value = String(repeating: "x", count: 2_000)
        for number in 0..<500 { try client.put("k\(number)", value) }
        try cluster.join("n4", at: "n1", ["--transfer-rate", "400k"])
        for round in 0..<3 {
            let before = try stored(cluster, "n4").count
            #expect(try eventually { try stored(cluster, "n4").count > before || stored(cluster, "n4").count > 300 })
            cluster.end("n4", SIGKILL)
            if round == 1 {
                cluster.end("n2", SIGKILL)
                try cluster.start("n2")
            }
            try cluster.join("n4", at: "n3", ["--transfer-rate", round == 2 ? "0" : "400k"])
            #expect(try stored(cluster, "n4").count >= before)
        }
        try settle(cluster, at: "n4")
        let other = try cluster.client("n4")
        for number in 0..<500 { #expect(try other.get("k\(number)").values == [value]) }
    }

    @Test("a dead node is replaced, and the replacement is told so")
    func replacement() throws {
        let cluster = try Cluster(4)
        let client = try cluster.client("n1")
        for number in 0..<200 { try client.put("k\(number)", "v") }
        cluster.end("n3", SIGKILL)
        let port = try cluster.reservePort("n5")
        let replaced = try cluster.administer(
            ["replace", "--old", "n3", "--name", "n5", "--peer", "127.0.0.1:\(port)"], at: "n2")
        #expect(replaced.status == 0, "\(replaced.output)")
        try cluster.join("n5", at: "n4")
        #expect(
            try eventually(within: 30) {
                let status = try cluster.administer(["status", "--json"], at: "n1").output
                return status.contains("\"pendingChanges\":0")
            })
        let ring = try #require(try cluster.observer("n1").lines("/observe/ring").first)
        #expect((ring["preference"] as? [[String]])?.allSatisfy { !$0.contains("n3") && $0.contains("n5") } == true)
        for number in 0..<200 { #expect(try client.get("k\(number)") { $0.pr = 3 }.values == ["v"]) }
    }

    @Test("commands that cannot be granted say why, and what to do")
    func refusals() throws {
        let cluster = try Cluster(2)
        let unknown = try cluster.administer(["leave", "--name", "n9"], at: "n1")
        #expect(unknown.status == 1 && unknown.output.contains("n9 is not a member"))
        let taken = try cluster.administer(["join", "--name", "n2", "--peer", "127.0.0.1:1"], at: "n1")
        #expect(taken.status == 1 && taken.output.contains("choose another name"))
        let nobody = try NodeProcess.run(["status", "--at", "127.0.0.1:1"])
        #expect(nobody.status == 1 && nobody.output.contains("--at takes the --http address"))
        let client = try cluster.ready("n1").client
        #expect(try NodeProcess.run(["status", "--at", "127.0.0.1:\(client)"]).status == 1)
        #expect(try NodeProcess.run(["join", "--name", "n3"]).status == 64)
        let table = try cluster.administer(["status"], at: "n1")
        #expect(table.status == 0 && table.output.contains("settled: nothing is pending"))
    }

    /// Weights 2 to 5 in all proportions of a ring of 256 partitions. The keys are always the same ones, so the outcome is too.
    @Test("five unequal nodes take data and work in proportion to their weights, within a tenth")
    func loadFollowsWeights() throws {
        let weights = ["n1": 2, "n2": 3, "n3": 3, "n4": 4, "n5": 5]
        let cluster = try Cluster(
            5,
            options: ["--partitions", "256"]
                + weights.sorted { $0.key < $1.key }.flatMap {
                    ["--weight", "\($0.key)=\($0.value)"]
                })
        let total = weights.values.reduce(0, +)
        let clients = try cluster.names.map { try cluster.client($0) }
        let keys = 3_000
        for key in 0..<keys { try clients[key % 5].put("key-\(key)", "v") { $0.w = 3 } }
        for (name, weight) in weights {
            let fair = Double(3 * keys * weight) / Double(total)
            let objects = try cluster.observer(name).metric("dynamo_objects")
            #expect(abs(objects / fair - 1) < 0.1, "\(name): \(objects) copies, fair are \(fair)")
        }
    }

    @Test("a stopped process is suspected, and its return is noticed")
    func pausedNode() throws {
        let cluster = try Cluster(3)
        func suspected(at node: String) throws -> Bool {
            try cluster.observer(node).page("/metrics").body.contains("dynamo_peer_suspected{peer=\"n3\"} 1")
        }
        cluster.nodes["n3"]?.kill(SIGSTOP)
        #expect(try eventually { try suspected(at: "n1") && suspected(at: "n2") })
        cluster.nodes["n3"]?.kill(SIGCONT)
        #expect(try eventually { try !suspected(at: "n1") && !suspected(at: "n2") })
    }
}
