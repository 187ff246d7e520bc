import Foundation
import Testing

/// The requests of a real Riak's transcript, and what of its answers does not depend on chance or time.
@Suite("Riak's HTTP interface to objects", .serialized)
struct HTTPObjectTests {
    /// Headers of an answer but those that every answer has.
    private static func names(_ reply: WebClient.Reply) -> Set<String> {
        Set(reply.headers.map(\.name)).subtracting(["server", "date", "connection"])
    }

    private static let whole: Set<String> = [
        "x-riak-vclock", "link", "last-modified", "etag", "content-type", "content-length",
    ]

    @Test("as a real Riak answered: put, get, conditions, siblings, resolution")
    func transcript() throws {
        let cluster = try Cluster(3)
        let web = try cluster.web("n1")
        let key = "/buckets/h11348/keys/k"
        #expect(try web.request("GET", "/ping").text == "OK")
        let missing = try web.request("GET", "/buckets/h11348/keys/nf")
        #expect(missing.statusLine == "HTTP/1.1 404 Object Not Found")
        #expect(missing.text == "not found\n" && missing["content-type"] == "text/plain")

        let put = try web.put(key, "v1")
        #expect(put.statusLine == "HTTP/1.1 204 No Content")
        #expect(Self.names(put) == ["content-type"] && put["content-type"] == "text/plain")
        let returned = try web.put("/buckets/h11348/keys/k0?returnbody=true", "v1")
        #expect(returned.status == 200 && Self.names(returned) == Self.whole && returned.text == "v1")

        let read = try web.request("GET", key)
        #expect(read.status == 200 && Self.names(read) == Self.whole && read.text == "v1")
        #expect(read["link"] == "</buckets/h11348>; rel=\"up\"")
        let tag = try #require(read["etag"])
        #expect(tag.hasPrefix("\"") && tag.hasSuffix("\""))
        let unchanged = try web.request("GET", key, ["If-None-Match: \(tag)"])
        #expect(unchanged.statusLine == "HTTP/1.1 304 Not Modified" && Self.names(unchanged) == ["etag"])
        let taken = try web.put(key, "v9", ["If-None-Match: *"])
        #expect(taken.statusLine == "HTTP/1.1 412 Precondition Failed")

        try web.put(key, "v2")
        let both = try web.request("GET", key)
        #expect(both.statusLine == "HTTP/1.1 300 Multiple Choices")
        #expect(Self.names(both) == Self.whole.subtracting(["link"]))
        let tags = both.text.split(separator: "\n").map(String.init)
        #expect(tags.first == "Siblings:" && tags.count == 3 && tags.contains(tag.replacing("\"", with: "")))

        let parts = try web.request("GET", key, ["Accept: multipart/mixed"])
        #expect(parts.status == 300)
        let boundary = try #require(parts["content-type"]?.split(separator: "boundary=").last)
        #expect(parts.text.hasPrefix("\r\n--\(boundary)\r\n") && parts.text.hasSuffix("\r\n--\(boundary)--\r\n"))
        for value in ["v1", "v2"] { #expect(parts.text.contains("\r\n\r\n\(value)\r\n--")) }
        for tag in tags.dropFirst() { #expect(parts.text.contains("\r\nEtag: \(tag)\r\n")) }

        let one = try web.request("GET", "\(key)?vtag=\(tag.replacing("\"", with: ""))")
        #expect(one.status == 200 && one.text == "v1" && one["etag"] == tag)
        #expect(try web.request("GET", "\(key)?vtag=nosuch").status == 404)

        let clock = try #require(both["x-riak-vclock"])
        let merged = try web.put("\(key)?returnbody=true", "merged", ["X-Riak-Vclock: \(clock)"])
        #expect(merged.status == 200 && merged.text == "merged")
        let stale = try web.put("\(key)?returnbody=true", "stale", ["X-Riak-Vclock: \(clock)"])
        #expect(stale.status == 300 && stale["content-type"]?.hasPrefix("multipart/mixed; boundary=") == true)
        #expect(stale.text.contains("\r\n\r\nmerged\r\n--") && stale.text.contains("\r\n\r\nstale\r\n--"))
    }

    @Test("as a real Riak answered: generated keys, bad parameters, metadata, deletion")
    func transcriptGoesOn() throws {
        let cluster = try Cluster(3)
        let web = try cluster.web("n1")
        let posted = try web.request(
            "POST", "/buckets/h/keys", ["Content-Type: text/plain"], body: Array("posted".utf8))
        #expect(posted.statusLine == "HTTP/1.1 201 Created" && posted["content-length"] == "0")
        let place = try #require(posted["location"])
        #expect(place.hasPrefix("/buckets/h/keys/"))
        #expect(try cluster.web("n2").request("GET", place).text == "posted")

        let above = "Specified w/dw/pw/node_confirms values invalid for bucket n value of 3\n"
        #expect(try web.put("/buckets/h/keys/k?w=4", "v").text == above)
        let bad = try web.request("GET", "/buckets/h/keys/k?r=4")
        #expect(bad.statusLine == "HTTP/1.1 400 Bad Request" && bad.text == above)
        let words = "r query parameter must be an integer or one of the following words: 'one', 'quorum' or 'all'\n"
        #expect(try web.request("GET", "/buckets/h/keys/k?r=foo").text == words)

        let kept = ["Content-Type: application/json", "X-Riak-Meta-Foo: bar", "X-Riak-Index-a_bin: 1"]
        #expect(try web.put("/buckets/h/keys/meta", #"{"a":1}"#, kept)["content-type"] == "application/json")
        for target in ["/buckets/h/keys/meta", "/types/default/buckets/h/keys/meta", "/riak/h/meta"] {
            let read = try web.request("GET", "\(target)?pr=3&r=3")
            #expect(read.status == 200 && read.text == #"{"a":1}"# && read["content-type"] == "application/json")
            #expect(read["x-riak-meta-foo"] == "bar" && read["x-riak-index-a_bin"] == "1")
        }

        #expect(try web.request("DELETE", "/buckets/h/keys/meta").statusLine == "HTTP/1.1 204 No Content")
        let gone = try web.request("GET", "/buckets/h/keys/meta")
        #expect(gone.statusLine == "HTTP/1.1 404 Object Not Found" && gone["x-riak-deleted"] == "true")
        #expect(gone["x-riak-vclock"] != nil && gone.text == "not found\n")
        #expect(try web.request("DELETE", "/buckets/h/keys/nf").status == 404)
        let unknown = try web.request("GET", "/types/nosuch/buckets/h/keys/k")
        #expect(unknown.status == 404 && unknown.text == "Unknown bucket type: nosuch")
    }

    @Test("names are bytes: every byte may be percent-encoded, '+' is a space, a slash of a name is %2F")
    func names() throws {
        let cluster = try Cluster(1)
        let web = try cluster.web("n1")
        let all = (0...255).map { String(format: "%%%02x", $0) }.joined()
        try web.put("/buckets/\(all)/keys/\(all)", "all")
        #expect(try web.request("GET", "/buckets/\(all.uppercased())/keys/\(all)").text == "all")
        try web.put("/buckets/a+b/keys/x%2Fy", "slash")
        #expect(try web.request("GET", "/buckets/a%20b/keys/x%2fy").text == "slash")
        #expect(try cluster.client("n1", bucket: "a b").get("x/y").values == ["slash"])
        #expect(try web.request("GET", "/buckets/a%2/keys/k").status == 400)
        #expect(try web.request("GET", "/buckets/a/keys/x/y").status == 404)
    }

    @Test("what was stored over one protocol is read over the other, metadata included, whatever its bytes")
    func bothProtocols() throws {
        let cluster = try Cluster(1)
        let web = try cluster.web("n1"), client = try cluster.client("n1")
        try web.put("/buckets/b/keys/k", "v", ["Content-Type: text/plain; charset=utf-8", "X-Riak-Meta-A: 1"])
        let content = try #require(try client.get("k").content.first)
        #expect(content.contentType == Data("text/plain".utf8) && content.charset == Data("utf-8".utf8))
        #expect(content.usermeta.first?.key == Data("A".utf8))
        try client.put("l", "v") {
            $0.content.usermeta = [
                .with {
                    $0.key = Data("x\r\nInjected".utf8); $0.value = Data("1\r\n2".utf8)
                }
            ]
        }
        let read = try web.request("GET", "/buckets/b/keys/l")
        #expect(read.status == 200 && read["injected"] == nil)
        #expect(read.headers.contains { $0.name.hasPrefix("x-riak-meta-x%0d%0a") && $0.value == "1%0D%0A2" })
    }

    @Test("conditions look at the object first")
    func conditions() throws {
        let cluster = try Cluster(1)
        let web = try cluster.web("n1")
        let key = "/buckets/b/keys/k"
        #expect(try web.put(key, "0", ["If-Match: \"x\""]).status == 412)
        #expect(try web.put(key, "1", ["If-None-Match: *"]).status == 204)
        let read = try web.request("GET", key)
        let tag = try #require(read["etag"]), modified = try #require(read["last-modified"])
        let clock = "X-Riak-Vclock: \(try #require(read["x-riak-vclock"]))"
        #expect(try web.request("GET", key, ["If-Modified-Since: \(modified)"]).status == 304)
        #expect(try web.request("GET", key, ["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"]).status == 412)
        #expect(try web.request("GET", key, ["If-Match: \"x\", \(tag)"]).status == 200)
        #expect(try web.put(key, "2", ["If-Match: \(tag)", clock]).status == 204)
        #expect(try web.put(key, "3", ["If-Match: \(tag)", clock]).status == 412)
        #expect(try web.put(key, "3", ["If-Unmodified-Since: Sun, 06 Nov 1994 08:49:37 GMT"]).status == 412)
        #expect(try web.request("DELETE", key, ["If-Match: \(tag)"]).status == 412)
        #expect(try web.request("GET", key).text == "2")
    }

    @Test("HEAD is GET without the body; a connection serves one request after the other")
    func headAndKeepAlive() throws {
        let cluster = try Cluster(1)
        let web = try cluster.web("n1")
        try web.put("/buckets/b/keys/k", "value")
        let head = try web.request("HEAD", "/buckets/b/keys/k")
        #expect(head.status == 200 && head["content-length"] == "5")
        try web.send(Array(String(repeating: "GET /buckets/b/keys/k HTTP/1.1\r\nHost: x\r\n\r\n", count: 300).utf8))
        for _ in 0..<300 { #expect(try web.reply().text == "value") }
        let other = try web.request("PATCH", "/buckets/b/keys/k")
        #expect(other.status == 405 && other["allow"] == "GET, HEAD, PUT, POST, DELETE")
    }

    @Test("a body over the limit is refused, announced or not, and one of many bytes is not")
    func longBodies() throws {
        let cluster = try Cluster(1)
        let limit = 16 << 20
        // A client that asks first is told before it has sent anything.
        let asking = ["Content-Type: x/y", "Expect: 100-continue", "Content-Length: \(limit + 1)"]
        #expect(try cluster.web("n1").request("PUT", "/buckets/b/keys/k", asking).status == 413)
        let web = try cluster.web("n1")
        #expect(
            try web.request(
                "PUT", "/buckets/b/keys/k", ["Content-Type: x/y"], body: [UInt8](repeating: 1, count: limit + 1)
            ).status == 413)
        #expect(
            try web.request(
                "PUT", "/buckets/b/keys/k", ["Content-Type: x/y"], body: [UInt8](repeating: 1, count: 1 << 20)
            ).status == 204)
        #expect(try web.request("GET", "/buckets/b/keys/k").body.count == 1 << 20)
    }
}
