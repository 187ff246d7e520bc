import Foundation
import Glibc
import Testing

@Suite("A node whose disk is full", .serialized)
struct FullDiskTests {
    /// A file that takes all the room that is left where a node keeps its databases, as the node sees it.
    private struct Ballast {
        let path: String

        init(beside data: String, of process: pid_t) { path = "/proc/\(process)/root\(data)/ballast" }

        func fill() throws {
            let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND, 0o600)
            try #require(descriptor >= 0, "\(path): \(String(cString: strerror(errno)))")
            defer { close(descriptor) }
            for size in [65_536, 4_096, 1] {
                let bytes = [UInt8](repeating: 0, count: size)
                while write(descriptor, bytes, size) > 0 {}
            }
        }

        func remove() { unlink(path) }
    }

    @Test("its writes move on, its log and metrics say so, and it heals when there is room again")
    func fullDisk() throws {
        let cluster = try Cluster(4, options: ["--anti-entropy", "off", "--read-repair", "off"])
        cluster.end("n3", SIGKILL)
        let log = try TemporaryDirectory()
        try cluster.start("n3", diskMegabytes: 16, log: log.path + "/log")
        #expect(try eventually(condition: cluster.meet))
        let full = try #require(cluster.nodes["n3"])
        let ballast = Ballast(beside: cluster.path("n3"), of: full.processIdentifier)
        try ballast.fill()

        let clients = try ["n1", "n3"].map { try cluster.client($0) }
        let observer = try cluster.observer("n3")
        // What it has allocated of its log is still there to be written to; then nothing is.
        let large = String(repeating: "x", count: 60_000)
        for number in 0..<400 where try observer.metric("dynamo_store_failing") == 0 {
            try clients[0].put("large-\(number)", large)
        }
        for number in 0..<120 { try clients[number % 2].put("k\(number)", "v\(number)") }
        #expect(try observer.metric("dynamo_store_failing") == 1)
        #expect(try observer.metric("dynamo_store_errors_total") > 0)
        let said = try String(contentsOfFile: log.path + "/log", encoding: .utf8)
        #expect(said.contains("write refused") && said.contains("full"), "\(said.suffix(500))")
        #expect(try cluster.metric("dynamo_hints_waiting") > 0)
        let kept = try observer.lines("/observe/replicas").filter { ($0["key"] as? String)?.hasPrefix("k") == true }
        #expect(kept.isEmpty, "\(kept.count) rows on a full disk")

        ballast.remove()
        #expect(try eventually(within: 30) { try cluster.metric("dynamo_hints_waiting") == 0 })
        #expect(try observer.metric("dynamo_store_failing") == 0)
        for number in 0..<120 {
            #expect(try clients[0].get("k\(number)") { $0.pr = 3 }.values == ["v\(number)"])
        }
        let healed = try observer.lines("/observe/replicas").filter { $0["home"] as? Bool == true }
        #expect(healed.count > 60, "three of four nodes are home of a key: \(healed.count) of 120")
    }
}
