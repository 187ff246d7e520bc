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

    private func values(_ cluster: Cluster, _ name: String) throws -> [String] {
        try cluster.observer(name).lines("/observe/replicas").filter { $0["key"] as? String == "k" }
            .flatMap { $0["versions"] as? [[String: Any]] ?? [] }.compactMap { $0["value"] as? String }
    }

    private func roots(_ cluster: Cluster) throws -> Set<[String]> {
        Set(
            try cluster.names.map { name in
                try cluster.observer(name).lines("/observe/roots").map { "\($0["range"] ?? "")=\($0["hash"] ?? "")" }
            })
    }
}
