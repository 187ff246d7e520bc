import Foundation
import Glibc
import RiakProtocol
import Testing

@Suite("Files that were damaged", .serialized)
struct DamageTests {
    @Test("bytes that flip in a stored row are found, counted, and brought back from the other homes")
    func silentCorruption() throws {
        let cluster = try Cluster(3, options: ["--verify-interval", "50ms", "--read-repair", "off"])
        let client = try cluster.client("n1")
        let value = "a value that is nowhere else in the file"
        try client.put("k", value)
        for index in 0..<50 { try client.put("other\(index)", "v") }
        #expect(try eventually { try values(cluster, "n2") == [value] })
        #expect(cluster.end("n2", SIGTERM) == 0)
        let path = cluster.path("n2") + "/data.sqlite"
        var file = try Data(contentsOf: URL(fileURLWithPath: path))
        let place = try #require(file.range(of: Data(value.utf8)))
        file[place.lowerBound] ^= 1
        try file.write(to: URL(fileURLWithPath: path))
        try cluster.start("n2")
        #expect(try eventually { try values(cluster, "n2") == [value] })
        #expect(try cluster.observer("n2").metric("dynamo_store_corrupt_rows_total") == 1)
        #expect(try client.get("k") { $0.pr = QuorumWord.all }.values == [value])
        #expect(try roots(cluster).count == 1)
    }

    @Test("a commit log that rotted while its node was down costs the node its incarnation, and nobody any data")
    func rottenLog() throws {
        let cluster = try Cluster(3, options: ["--read-repair", "off"])
        let client = try cluster.client("n1")
        try client.put("k", "first")
        #expect(try eventually { try values(cluster, "n2") == ["first"] })
        let incarnation = try cluster.ready("n2").incarnation
        cluster.end("n2", SIGKILL)
        try cluster.start("n2")
        #expect(try cluster.ready("n2").incarnation == incarnation)
        #expect(try eventually { try cluster.meet() })
        // The database takes over what the log has after a second at the latest: then it is too late, and tried again.
        var rotten = false
        for attempt in 0..<10 where !rotten {
            let value = "value number \(attempt)"
            try client.put("other", value) { $0.w = QuorumWord.all }
            cluster.end("n2", SIGKILL)
            rotten = try rot(value, inLogOf: "n2", cluster)
            try cluster.start("n2")
            #expect(try eventually { try cluster.meet() })
        }
        try #require(rotten)
        #expect(try cluster.ready("n2").incarnation != incarnation)
        let expected = try values(cluster, "n1", "other")
        #expect(expected.isEmpty == false)
        #expect(try eventually { try values(cluster, "n2", "other") == expected })
    }

    @Test("pages that SQLite cannot read cost no client anything: the node says so, and others answer")
    func unreadablePages() throws {
        let cluster = try Cluster(3, options: ["--read-repair", "off"])
        let keys = (0..<400).map { "key \($0)" }
        let client = try cluster.client("n1")
        let value = String(repeating: "v", count: 200)
        for key in keys { try client.put(key, value) { $0.w = QuorumWord.all } }
        #expect(cluster.end("n2", SIGTERM) == 0)
        try cluster.start("n2")
        #expect(try eventually { try cluster.meet() })
        // Under the running node's feet: the table pages beyond those that a start reads.
        let path = cluster.path("n2") + "/data.sqlite"
        let file = try FileHandle(forUpdating: URL(fileURLWithPath: path))
        let pages = Int(try file.seekToEnd()) / 4096
        try #require(pages > 12)
        for page in 6..<pages {
            try file.seek(toOffset: UInt64(page * 4096))
            try file.write(contentsOf: [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff])
        }
        try file.close()
        let second = try cluster.client("n2")
        for key in keys {
            let found = try second.get(key)
            #expect(found.values == [value])
            try second.put(key, "new", context: found.vclock)
        }
        for key in keys { #expect(try client.get(key) { $0.r = 2 }.values == ["new"]) }
        #expect(try eventually { try cluster.observer("n2").metric("dynamo_store_errors_total") > 0 })
    }

    /// Flips a bit of a value in the last segment of a node's commit log; false when it is not there.
    private func rot(_ value: String, inLogOf node: String, _ cluster: Cluster) throws -> Bool {
        let log = cluster.path(node) + "/log"
        let numbers = try FileManager.default.contentsOfDirectory(atPath: log).compactMap { Int($0) }.sorted()
        for number in numbers.reversed() {
            let url = URL(fileURLWithPath: "\(log)/\(number)")
            var file = try Data(contentsOf: url)
            // The last one of all has no records.
            if file[64..<72].allSatisfy({ $0 == 0 }) { continue }
            guard let place = file.range(of: Data(value.utf8)) else { return false }
            file[place.lowerBound] ^= 1
            try file.write(to: url)
            return true
        }
        return false
    }

    @Test(
        "a file that is garbage or was cut short is one sentence that names it and the way out",
        arguments: ["garbage", "cut"])
    func uselessFile(kind: String) throws {
        let cluster = try Cluster(1)
        try cluster.client("n1").put("k", "v")
        cluster.end("n1", SIGTERM)
        let path = cluster.path("n1") + "/data.sqlite"
        let file = try Data(contentsOf: URL(fileURLWithPath: path))
        let damaged = kind == "cut" ? file.prefix(file.count / 2 + 100) : Data(repeating: 0x55, count: file.count)
        try damaged.write(to: URL(fileURLWithPath: path))
        let ended = try NodeProcess.run(["--name", "n1", "--data", cluster.path("n1"), "--client", "127.0.0.1:0"])
        #expect(ended.status == 1)
        #expect(ended.output.contains(path))
        #expect(ended.output.contains("the other nodes fill it"))
    }

    private func values(_ cluster: Cluster, _ name: String, _ key: String = "k") throws -> [String] {
        try cluster.observer(name).lines("/observe/replicas").filter { $0["key"] as? String == key }
            .flatMap { $0["versions"] as? [[String: Any]] ?? [] }.compactMap { $0["value"] as? String }.sorted()
    }

    private func roots(_ cluster: Cluster) throws -> Set<[String]> {
        Set(
            try cluster.names.map { name in
                try cluster.observer(name).lines("/observe/roots").map { "\($0["range"] ?? "")=\($0["hash"] ?? "")" }
            })
    }
}
