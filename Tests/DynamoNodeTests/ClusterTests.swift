import Foundation
import Glibc
import RiakProtocol
import Testing

@Suite("Three nodes on loopback", .serialized)
struct ClusterTests {
    @Test("what is put through one node is read through another; concurrent puts are siblings until resolved")
    func putGetSiblings() throws {
        let cluster = try Cluster(3)
        let one = try cluster.client("n1"), two = try cluster.client("n2")
        try one.put("k", "first")
        let read = try two.get("k")
        #expect(read.values == ["first"])
        #expect(read.content[0].hasVtag && read.content[0].lastMod > 0)
        try one.put("k", "left", context: read.vclock)
        try two.put("k", "right", context: read.vclock)
        let both = try cluster.client("n3").get("k")
        #expect(both.values == ["left", "right"])
        let resolved = try one.put("k", "both", context: both.vclock) { $0.returnBody = true }
        #expect(resolved.content.map(\.value) == [Data("both".utf8)])
        #expect(try two.get("k").values == ["both"])
        let current = try two.get("k").vclock
        #expect(try two.get("k") { $0.ifModified = current }.unchanged)
        #expect(try two.get("k") { $0.head = true }.content[0].value.isEmpty)
    }

    @Test("a deleted key is not found, and its context lets it be written again without siblings")
    func deletion() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        try client.put("k", "v")
        try client.delete("k")
        #expect(try client.get("k").content.isEmpty)
        let buried = try client.get("k") { $0.deletedvclock = true }
        #expect(buried.content.isEmpty && !buried.vclock.isEmpty)
        #expect(try client.get("k") { $0.clocks = true }.content.map(\.deleted) == [true])
        try client.put("k", "again", context: buried.vclock)
        #expect(try client.get("k").content.map(\.value) == [Data("again".utf8)])
        try client.delete("never written")
    }

    @Test("a delete with a stale context leaves what it had not seen alive")
    func staleDeletion() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        try client.put("k", "old")
        let stale = try client.get("k").vclock
        try client.put("k", "new", context: stale)
        let answer = try client.delete("k", context: stale) {
            $0.clocks = true
            $0.tag = Data("3-1".utf8)
        }
        #expect(answer.dot.counter > 0)
        let read = try client.get("k") { $0.clocks = true }
        #expect(read.values == ["new"])
        #expect(read.content.filter(\.deleted).map(\.value) == [Data("3-1".utf8)])
        #expect(try client.get("k").content.filter(\.deleted).map(\.value) == [Data()])
    }

    @Test("dots and clocks are told to who asks: a write's past is what its client had seen")
    func clocks() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        let first = try client.put("k", "1") { $0.clocks = true }
        #expect(first.clock.isEmpty && first.dot.counter > 0)
        let read = try client.get("k") { $0.clocks = true }
        #expect(read.content[0].dot == first.dot)
        let second = try client.put("k", "2", context: read.vclock) { $0.clocks = true }
        #expect(second.clock == [first.dot])
        #expect(!(try client.get("k").content[0].hasDot))
    }

    @Test("bucket properties reach every node, and are what was set until they are reset")
    func buckets() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1", bucket: "cfg")
        #expect(try client.properties().nVal == 3)
        #expect(try client.properties().allowMult)
        try client.setProperties {
            $0.allowMult = false
            $0.r = 1
        }
        for name in cluster.names {
            let other = try cluster.client(name, bucket: "cfg")
            let agreed = try eventually {
                let props = try other.properties()
                return !props.allowMult && props.r == 1
            }
            #expect(agreed)
        }
        try client.put("k", "1")
        try client.put("k", "2")
        #expect(try client.get("k").content.count == 1)
        try client.resetProperties()
        #expect(try client.properties().allowMult)
        #expect(throws: RiakClient.Refused(text: "unsupported: write_once")) {
            try client.setProperties { $0.writeOnce = true }
        }
    }

    @Test("requests that make no sense are refused in Riak's words, and the connection goes on")
    func refusals() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        func expectRefusal(_ text: String, _ body: () throws -> Void) {
            #expect(throws: RiakClient.Refused(text: text)) { try body() }
        }
        expectRefusal("{n_val_violation,3}") { _ = try client.get("k") { $0.r = 4 } }
        expectRefusal("{n_val_violation,3}") { _ = try client.get("k") { $0.pr = 4 } }
        expectRefusal("{n_val_violation,3}") { try client.put("k", "v") { $0.w = 4 } }
        expectRefusal("{n_val_violation,3}") { try client.put("k", "v") { $0.nodeConfirms = 4 } }
        expectRefusal("{insufficient_nodes,3,need,4}") { _ = try client.get("k") { $0.nodeConfirms = 4 } }
        expectRefusal("Key cannot be zero-length") { _ = try client.get("") }
        expectRefusal("Key cannot be zero-length") { try client.put("", "v") }
        expectRefusal("no_type") { _ = try client.get("k") { $0.type = Data("nosuch".utf8) } }
        expectRefusal("Unknown message code: 250") { _ = try client.exchange(Frame(code: 250)) }
        expectRefusal("unsupported: asis") { try client.put("k", "v") { $0.asis = true } }
        expectRefusal("Error processing incoming message: the vclock was not given out by this store") {
            try client.put("k", "v", context: Data("garbage".utf8))
        }
        expectRefusal(
            "Error processing incoming message: the body is not the protocol buffers message that its code says"
        ) { _ = try client.exchange(Frame(.getRequest, body: Data([255, 255, 255]))) }
        #expect(try client.get("k").content.isEmpty)
        #expect(try client.get("k") { $0.type = Data("default".utf8) }.content.isEmpty)
    }

    @Test("conditional puts look first")
    func conditions() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        #expect(throws: RiakClient.Refused(text: "notfound")) {
            try client.put("k", "v") { $0.ifNotModified = true }
        }
        try client.put("k", "1") { $0.ifNoneMatch = true }
        #expect(throws: RiakClient.Refused(text: "modified")) {
            try client.put("k", "v") { $0.ifNotModified = true }
        }
        #expect(throws: RiakClient.Refused(text: "match_found")) {
            try client.put("k", "2") { $0.ifNoneMatch = true }
        }
        let seen = try client.get("k").vclock
        try client.put("k", "2", context: seen) { $0.ifNotModified = true }
        #expect(throws: RiakClient.Refused(text: "modified")) {
            try client.put("k", "3", context: seen) { $0.ifNotModified = true }
        }
        #expect(throws: RiakClient.Refused(text: "notfound")) {
            try client.put("other", "3", context: seen) { $0.ifNotModified = true }
        }
        #expect(try client.get("k").values == ["2"])
    }

    @Test("a put without a key is given one")
    func generatedKeys() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        let key = String(decoding: try client.put(nil, "v").key, as: UTF8.self)
        #expect(key.count > 20)
        #expect(try client.get(key).values == ["v"])
    }

    @Test("requests sent without waiting are answered in order")
    func pipelining() throws {
        let cluster = try Cluster(3)
        let client = try cluster.client("n1")
        var bytes: [UInt8] = []
        for index in 0..<500 {
            var put = RpbPutReq()
            put.bucket = Data("b".utf8)
            put.key = Data("\(index % 50)".utf8)
            put.content.value = Data(repeating: 120, count: 500)
            bytes += try Frame(.putRequest, put).bytes + Frame(.pingRequest).bytes
        }
        try client.send(bytes)
        for _ in 0..<500 {
            #expect(try client.answer().code == MessageCode.putResponse.rawValue)
            #expect(try client.answer().code == MessageCode.pingResponse.rawValue)
        }
    }

    @Test("server info has a version of three numbers")
    func serverInfo() throws {
        let cluster = try Cluster(1)
        let frame = try cluster.client("n1").exchange(Frame(.getServerInfoRequest))
        let info = try RpbGetServerInfoResp(serializedBytes: frame.body)
        #expect(info.node == Data("n1".utf8))
        #expect(String(decoding: info.serverVersion, as: UTF8.self).split(separator: ".").count == 3)
    }
}
