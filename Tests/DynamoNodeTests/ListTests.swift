import Foundation
import RiakProtocol
import Testing

@Suite("Lists of keys and buckets", .serialized)
struct ListTests {
    @Test("every key once, in pieces, through any node, over both protocols; typed buckets apart")
    func lists() throws {
        let cluster = try Cluster(3, options: ["--request-timeout", "10s"])
        let client = try cluster.client("n1", bucket: "b")
        let expected = Set((0..<200).map { "k\($0)" })
        for name in expected { try client.put(name, "v") { $0.nodeConfirms = 3 } }
        try cluster.client("n1", bucket: "other").put("apart", "v") { $0.nodeConfirms = 3 }
        let web = try cluster.web("n2")
        let json = ["Content-Type: application/json"]
        try web.request("PUT", "/types/t/props", json, body: Array(#"{"props":{"r":1}}"#.utf8))
        try web.put("/types/t/buckets/b/keys/typed?node_confirms=3", "v")

        let (keys, frames) = try Self.keys(cluster.client("n3", bucket: "b"))
        #expect(keys.count == expected.count && Set(keys) == expected && frames > 2)
        #expect(try Self.keys(cluster.client("n3", bucket: "never")).keys.isEmpty)

        let whole = try web.request("GET", "/buckets/b/keys?keys=true")
        #expect(whole["content-type"] == "application/json")
        let listed = try JSONDecoder().decode([String: [String]].self, from: Data(whole.body))["keys"] ?? []
        #expect(listed.count == expected.count && Set(listed) == expected)
        try web.send(Array("GET /buckets/b/keys?keys=stream HTTP/1.1\r\nHost: x\r\n\r\n".utf8))
        #expect(try web.head().contains { $0.lowercased() == "transfer-encoding: chunked" })
        var streamed: [String] = []
        while case let chunk = try web.chunk(), !chunk.isEmpty {
            streamed += try JSONDecoder().decode([String: [String]].self, from: Data(chunk))["keys"] ?? []
        }
        #expect(streamed.count == expected.count && Set(streamed) == expected)
        #expect(try web.request("GET", "/types/t/buckets/b/keys?keys=true").text == #"{"keys":["typed"]}"#)

        let buckets = try web.request("GET", "/buckets?buckets=true")
        let names = try JSONDecoder().decode([String: [String]].self, from: Data(buckets.body))["buckets"] ?? []
        #expect(names.sorted() == ["b", "other"])
        #expect(try web.request("GET", "/types/t/buckets?buckets=true").text == #"{"buckets":["b"]}"#)
        let frame = try client.exchange(Frame(.listBucketsRequest))
        let response = try RpbListBucketsResp(serializedBytes: frame.body)
        #expect(Set(response.buckets) == [Data("b".utf8), Data("other".utf8)] && !response.hasDone)

        #expect(try web.request("GET", "/buckets/b/keys").status == 400)
        #expect(try web.request("GET", "/types/nosuch/buckets/b/keys?keys=true").status == 404)
        // A key whose versions are all tombstones is listed until they are reaped, as in Riak.
        try client.delete("k0")
    }

    @Test("bucket types over protocol buffers, and the preference list")
    func typesAndPreferenceList() throws {
        let cluster = try Cluster(3, options: ["--request-timeout", "10s"])
        let client = try cluster.client("n1")
        var get = RpbGetBucketTypeReq()
        get.type = Data("t".utf8)
        #expect(throws: RiakClient.Refused(text: "no_type")) {
            _ = try client.exchange(Frame(.getBucketTypeRequest, get))
        }
        var set = RpbSetBucketTypeReq()
        set.type = Data("t".utf8)
        set.props.nVal = 2
        #expect(try client.exchange(Frame(.setBucketTypeRequest, set)).code == MessageCode.setBucketResponse.rawValue)
        let props = try RpbGetBucketResp(serializedBytes: client.exchange(Frame(.getBucketTypeRequest, get)).body).props
        #expect(props.nVal == 2 && props.notfoundOk && props.chashKeyfun.module == Data("riak_core_util".utf8))
        var preference = RpbGetBucketKeyPreflistReq()
        preference.bucket = Data("b".utf8)
        preference.key = Data("k".utf8)
        for (type, count) in [("", 3), ("t", 2)] {
            preference.type = Data(type.utf8)
            let frame = try client.exchange(Frame(.getPreferenceListRequest, preference))
            let list = try RpbGetBucketKeyPreflistResp(serializedBytes: frame.body).preflist
            #expect(list.count == count && list.allSatisfy { $0.primary && (0..<64).contains($0.partition) })
        }
    }

    /// Every key that is told, and how many frames it took.
    private static func keys(_ client: RiakClient) throws -> (keys: [String], frames: Int) {
        var request = RpbListKeysReq()
        request.bucket = Data(client.bucket.utf8)
        try client.send(Frame(.listKeysRequest, request).bytes)
        var keys: [String] = []
        var frames = 0
        while true {
            let response = try RpbListKeysResp(serializedBytes: client.answer().body)
            keys += response.keys.map { String(decoding: $0, as: UTF8.self) }
            frames += 1
            if response.done { return (keys, frames) }
        }
    }
}
