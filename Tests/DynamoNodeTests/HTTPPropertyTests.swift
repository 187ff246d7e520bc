import Foundation
import Testing

@Suite("Riak's HTTP interface to buckets", .serialized)
struct HTTPPropertyTests {
    @Test("as a real Riak's: the names of all properties, and the values of those that nobody set")
    func names() throws {
        let cluster = try Cluster(3)
        let reply = try cluster.web("n1").request("GET", "/buckets/h11348/props")
        #expect(reply.status == 200 && reply["content-type"] == "application/json")
        let props = try Self.props(reply)
        let riak = """
            {"props":{"allow_mult":true,"basic_quorum":false,"big_vclock":50,\
            "chash_keyfun":{"mod":"riak_core_util","fun":"chash_std_keyfun"},"dvv_enabled":false,"dw":"quorum",\
            "last_write_wins":false,"linkfun":{"mod":"riak_kv_wm_link_walker","fun":"mapreduce_linkfun"},"n_val":3,\
            "name":"h11348","node_confirms":0,"notfound_ok":true,"old_vclock":86400,"postcommit":[],"pr":0,\
            "precommit":[],"pw":0,"r":"quorum","rw":"quorum","small_vclock":50,"sync_on_write":"backend","w":"quorum",\
            "write_once":false,"young_vclock":20}}
            """
        let theirs = try Self.props(WebClient.Reply(status: 200, statusLine: "", headers: [], body: Array(riak.utf8)))
        #expect(Set(props.keys) == Set(theirs.keys))
        // Versions here carry dots always, and every copy is synced whatever the backend would do.
        for (name, value) in theirs where name != "dvv_enabled" && name != "sync_on_write" {
            #expect(try Self.text(try #require(props[name])) == Self.text(value), "\(name)")
        }
    }

    /// A value as JSON, its members in one order.
    private static func text(_ value: Any) throws -> String {
        let data = try JSONSerialization.data(withJSONObject: [value], options: .sortedKeys)
        return String(decoding: data, as: UTF8.self)
    }

    @Test("what is set is read back through every node, over both protocols, until it is reset")
    func set() throws {
        let cluster = try Cluster(3)
        let web = try cluster.web("n1")
        let change = #"{"props":{"allow_mult":false,"r":1,"w":"all","node_confirms":2,"notfound_ok":false,"rw":"one"}}"#
        let json = ["Content-Type: application/json"]
        #expect(try web.request("PUT", "/buckets/b/props", json, body: Array(change.utf8)).status == 204)
        for name in cluster.names {
            let agreed = try eventually {
                let props = try Self.props(try cluster.web(name).request("GET", "/buckets/b/props"))
                return "\(props["r"] ?? "")" == "1" && props["w"] as? String == "all"
                    && "\(props["node_confirms"] ?? "")" == "2" && props["notfound_ok"] as? Bool == false
                    && props["rw"] as? String == "one" && props["allow_mult"] as? Bool == false
            }
            #expect(agreed)
        }
        #expect(try cluster.client("n1").properties().notfoundOk == false)
        for bad in [#"{"props":{"n_val":0}}"#, #"{"props":{"r":"many"}}"#, #"{"props":{"allow_mult":1}}"#, "[]", "{"] {
            #expect(try web.request("PUT", "/buckets/b/props", json, body: Array(bad.utf8)).status == 400, "\(bad)")
        }
        #expect(try web.request("DELETE", "/buckets/b/props").status == 204)
        #expect(try Self.props(try web.request("GET", "/buckets/b/props"))["allow_mult"] as? Bool == true)
    }

    @Test("a bucket type is a default for its buckets, whose keys are their own")
    func types() throws {
        let cluster = try Cluster(3)
        let web = try cluster.web("n1")
        #expect(try web.request("GET", "/types/carts/props").status == 404)
        #expect(try web.put("/types/carts/buckets/b/keys/k", "v").status == 404)
        let json = ["Content-Type: application/json"]
        let change = Array(#"{"props":{"allow_mult":false,"r":1}}"#.utf8)
        #expect(try web.request("PUT", "/types/carts/props", json, body: change).status == 204)
        for name in cluster.names {
            let known = try eventually {
                try cluster.web(name).request("GET", "/types/carts/buckets/b/props").status == 200
            }
            #expect(known)
        }
        try web.put("/types/carts/buckets/b/keys/k", "typed")
        try web.put("/buckets/b/keys/k", "plain")
        try web.put("/types/carts/buckets/b/keys/k", "typed, again")
        #expect(try web.request("GET", "/types/carts/buckets/b/keys/k").text == "typed, again")
        #expect(try web.request("GET", "/buckets/b/keys/k").text == "plain")
        let client = try cluster.client("n2")
        #expect(try client.get("k") { $0.type = Data("carts".utf8) }.values == ["typed, again"])
        // The bucket's own properties come before its type's, and go back to them.
        let own = Array(#"{"props":{"r":2}}"#.utf8)
        let place = "/types/carts/buckets/b/props"
        #expect(try web.request("PUT", place, json, body: own).status == 204)
        let props = try Self.props(try web.request("GET", place))
        #expect("\(props["r"] ?? "")" == "2" && props["allow_mult"] as? Bool == false)
        #expect(try web.request("DELETE", place).status == 204)
        #expect("\(try Self.props(try web.request("GET", place))["r"] ?? "")" == "1")
    }

    @Test("stats count what was done, and the preference list names the homes")
    func statsAndPreferenceList() throws {
        let cluster = try Cluster(3)
        let web = try cluster.web("n1")
        try web.put("/buckets/b/keys/k", "v")
        try web.request("GET", "/buckets/b/keys/k")
        let stats = try #require(
            try JSONSerialization.jsonObject(with: Data(web.request("GET", "/stats").body)) as? [String: Any])
        #expect(stats["node_gets_total"] as? Int == 1 && stats["node_puts_total"] as? Int == 1)
        #expect(stats["ring_members"] as? [String] == cluster.names)
        #expect((stats["node_put_fsm_time_100"] as? Int ?? 0) > 0)
        #expect((stats["riak_kv_version"] as? String)?.split(separator: ".").count == 3)
        let list = try #require(
            try JSONSerialization.jsonObject(with: Data(web.request("GET", "/buckets/b/keys/k/preflist").body))
                as? [String: [[String: Any]]])
        #expect(Set(list["preflist"]?.compactMap { $0["node"] as? String } ?? []) == Set(cluster.names))
    }

    private static func props(_ reply: WebClient.Reply) throws -> [String: Any] {
        let whole = try JSONSerialization.jsonObject(with: Data(reply.body)) as? [String: Any]
        return try #require(whole?["props"] as? [String: Any])
    }
}
