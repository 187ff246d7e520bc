import Foundation
import Testing

@Suite("What an observer is told", .serialized)
struct ObserverTests {
    @Test func pages() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1", bucket: "cart")
        for index in 0..<600 { try client.put("k\(index)", "v\(index)") }
        let observer = try cluster.observer("n2")
        #expect(try observer.page("/ping") == (200, "OK"))
        #expect(try observer.page("/nosuch").status == 404)
        let everywhere = try eventually { try observer.lines("/observe/replicas").count == 600 }
        #expect(everywhere)
        let line = try #require(try observer.lines("/observe/replicas?bucket=cart&key=k7").first)
        #expect(line["home"] as? Bool == true)
        #expect((line["range"] as? String)?.hasPrefix("p") == true)
        let version = try #require((line["versions"] as? [[String: Any]])?.first)
        #expect(version["value"] as? String == "v7")
        #expect(version["tombstone"] as? Bool == false)
        #expect((version["dot"] as? [Any])?.count == 2)
        #expect(version["clock"] is [String: Any])
        #expect(try observer.lines("/observe/replicas?bucket=cart&key=absent").isEmpty)
        #expect(try observer.page("/observe/replicas?bucket=cart").status == 400)
        #expect(try observer.lines("/observe/hints").first?["count"] as? Int == 0)
    }

    @Test("replicas that agree have the same roots, and the ring names its members")
    func rootsAndRing() throws {
        let cluster = try Cluster(3, options: ["--partitions", "16"])
        let client = try cluster.client("n1")
        for index in 0..<100 { try client.put("k\(index)", "v") }
        let agreed = try eventually {
            let roots = try cluster.names.map { try cluster.observer($0).page("/observe/roots").body }
            return Set(roots).count == 1
        }
        #expect(agreed)
        let roots = try cluster.observer("n1").lines("/observe/roots")
        #expect(roots.count == 16)
        #expect(roots.allSatisfy { ($0["hash"] as? String)?.count == 32 })
        let ring = try #require(try cluster.observer("n1").lines("/observe/ring").first)
        #expect(ring["partitions"] as? Int == 16)
        #expect(ring["members"] as? [String] == ["n1", "n2", "n3"])
        let preference = try #require(ring["preference"] as? [[String]])
        #expect(preference.count == 16)
        let ofKey = try #require(try cluster.observer("n1").lines("/observe/ring?bucket=b&key=k").first)
        let lists = try #require(ofKey["preference"] as? [[String]])
        #expect(lists.count == 1 && preference.contains(lists[0]))
    }

    @Test("values that are not text are shown in base64")
    func binaryValues() throws {
        let cluster = try Cluster(1)
        let client = try cluster.client("n1")
        try client.put("k", "") { $0.content.value = Data([0xFF, 0x00, 0x10, 0x80]) }
        try client.put("quoted \"é\"\n", "tab\there")
        let lines = try cluster.observer("n1").lines("/observe/replicas")
        let values = lines.flatMap { $0["versions"] as? [[String: Any]] ?? [] }
        #expect(values.compactMap { $0["base64"] as? String } == ["/wAQgA=="])
        #expect(values.compactMap { $0["value"] as? String } == ["tab\there"])
        #expect(lines.contains { $0["key"] as? String == "quoted \"é\"\n" })
        let one = try cluster.observer("n1").lines("/observe/replicas?bucket=b&key=quoted%20%22%c3%a9%22%0a")
        #expect(one.count == 1)
    }

    @Test func metrics() throws {
        let cluster = try Cluster(1)
        let client = try cluster.client("n1")
        try client.put("k", "v")
        _ = try client.get("k")
        let observer = try cluster.observer("n1")
        #expect(try observer.metric("dynamo_request_seconds_count{op=\"put\",outcome=\"ok\"}") == 1)
        #expect(try observer.metric("dynamo_request_seconds_count{op=\"get\",outcome=\"ok\"}") == 1)
        #expect(try observer.metric("dynamo_get_siblings_sum") == 1)
        // A histogram's buckets are cumulative, and the boundless one holds all.
        let series = #"dynamo_request_seconds_bucket{op="put",outcome="ok",le="#
        let buckets = try observer.page("/metrics").body.split(separator: "\n").filter { $0.hasPrefix(series) }
            .compactMap { $0.split(separator: " ").last.flatMap { Int($0) } }
        #expect(buckets.count > 10 && buckets == buckets.sorted() && buckets.last == 1)
        #expect(try observer.metric("dynamo_objects") == 1)
        #expect(try observer.metric("dynamo_syncs_total") > 0)
        #expect(try observer.metric("process_resident_memory_bytes") > 1_000_000)
        // Whatever an operator is promised is there from the start, at zero.
        let lines = Set(try observer.page("/metrics").body.split(separator: "\n"))
        for name in [
            "hints_waiting", "hints_stored_total", "hints_delivered_total", "hints_expired_total",
            "exchange_bytes_total",
            "quorum_failures_total", "ring_version", "ring_changes_pending", "siblings_warnings_total",
            "transfer_keys_total", "surplus_sent_total", "store_failing",
        ] { #expect(lines.contains("dynamo_\(name) 0"), "\(name)") }
    }
}
