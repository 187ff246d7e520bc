import Dynamo
import DynamoNode
import Foundation
import Glibc
import Testing

@Suite("Everything in memory", .serialized)
struct MemoryEngineTests {
    @Test("a node without a disk warns, forgets all with its death, and begins a new incarnation that repeats no dot")
    func restart() throws {
        let cluster = try Cluster(3, options: ["--storage", "memory"])
        let client = try cluster.client("n1")
        for number in 0..<50 { try client.put("k\(number)", "v\(number)") }
        let before = try dots(cluster)
        let incarnation = try cluster.ready("n1").incarnation
        cluster.end("n1", SIGKILL)
        #expect(!FileManager.default.fileExists(atPath: cluster.path("n1")), "nothing is written")
        try cluster.start("n1")
        #expect(try cluster.ready("n1").incarnation != incarnation)
        #expect(try eventually(condition: cluster.meet))
        // The other homes fill it.
        #expect(try eventually { try cluster.observer("n1").lines("/observe/replicas").count == 50 })
        let again = try cluster.client("n1")
        for number in 0..<50 { try again.put("k\(number)", "w\(number)") }
        for number in 0..<50 { #expect(try again.get("k\(number)").values == ["v\(number)", "w\(number)"]) }
        let repeated = try dots(cluster).filter { before[$0.key].map { [value = $0.value] in $0 != value } ?? false }
        #expect(repeated.isEmpty, "\(repeated)")
    }

    /// By key and dot: the value.
    private func dots(_ cluster: Cluster) throws -> [String: String] {
        var found: [String: String] = [:]
        for name in cluster.names {
            for line in try cluster.observer(name).lines("/observe/replicas") {
                for version in line["versions"] as? [[String: Any]] ?? [] {
                    let dot = version["dot"] as? [Any] ?? []
                    found["\(line["key"] ?? "") \(dot)"] = version["value"] as? String
                }
            }
        }
        return found
    }

    @Test("it is a warning in the log, a flag, and a line of a configuration file")
    func settings() throws {
        let directory = try TemporaryDirectory()
        let file = directory.path + "/node.conf"
        try "storage = memory\n".write(toFile: file, atomically: true, encoding: .utf8)
        let ports = ["--client", "127.0.0.1:0", "--peer", "127.0.0.1:0", "--http", "127.0.0.1:0"]
        let log = try NodeProcess.logOf(["--name", "n1", "--config", file] + ports)
        #expect(log.contains("level=warning") && log.contains("nothing survives a restart"), "\(log)")
        let missing = try NodeProcess.run(["--name", "n1"] + ports)
        #expect(missing.status == 64 && missing.output.contains("--data is missing"))
        let unknown = try NodeProcess.run(["--name", "n1", "--storage", "paper"] + ports)
        #expect(unknown.status == 64 && unknown.output.contains("sqlite"))
    }

    @Test("it reads as a model in memory does", arguments: [UInt64(1), 2])
    func model(seed: UInt64) throws {
        var objects = RandomObjects(seed: seed)
        let engine = MemoryEngine()
        var model: [Key: Siblings] = [:]
        for step in 0..<2_000 {
            let key = Key(bucket: [1], name: [UInt8(objects.int(40))])
            if objects.int(4) == 0 {
                try engine.deleteObject(key)
                model[key] = nil
            } else {
                let siblings = objects.siblings()
                try engine.putObject(key, siblings)
                model[key] = siblings
            }
            if step % 7 == 0 {
                let batch = engine.takeBatch()
                #expect(batch.isEmpty)
                try engine.commit(batch)
                engine.committed()
                #expect(!engine.hasPending)
            }
            #expect(try engine.object(key) == model[key])
        }
        #expect(engine.objectCount == model.count)
        var listed: [Key: Siblings] = [:]
        var next: Key?
        repeat {
            let page = try engine.objects(after: next, limit: 7)
            for (key, siblings) in page.objects { #expect(listed.updateValue(siblings, forKey: key) == nil) }
            next = page.next
        } while next != nil
        #expect(listed == model)
    }
}
