import History
import Testing

/// What is no line of the interchange form: each gives the line's number and the reason.
@Suite struct MalformedLineTests {
    private static let good = #"{"time":1,"process":0,"type":"invoke","f":"get","key":"k"}"#

    @Test(arguments: [
        ("{\"time\":1,", "not JSON: the line ends too early"),
        ("", "an empty line among the events"),
        ("[]", "not JSON: unexpected '['"),
        ("nonsense", "not JSON"),
        (good + "}", "expected the end of the line"),
        (good + good, "expected the end of the line"),
        (#"{"time":1,"time":1,"process":0,"type":"ok","f":"get"}"#, #"the member "time" is there twice"#),
        (#"{"time":1,"ti\u006de":1,"process":0,"type":"ok","f":"get"}"#, "is there twice"),
        (#"{"x":1,"\u0078":1,"time":1,"process":0,"type":"ok","f":"get"}"#, "is there twice"),
        (#"{"process":0,"type":"ok","f":"get"}"#, #"an event needs "time""#),
        (#"{"time":1,"type":"ok","f":"get"}"#, #"an event needs "process""#),
        (#"{"time":1,"process":null,"type":"ok","f":"get"}"#, #"an event needs "process""#),
        (#"{"time":1,"process":0,"f":"get"}"#, #"an event needs "type""#),
        (#"{"time":1,"process":0,"type":"ok"}"#, #"an event needs "f""#),
        (#"{"time":1.5,"process":0,"type":"ok","f":"get"}"#, "time must be an integer"),
        (#"{"time":"1","process":0,"type":"ok","f":"get"}"#, "time must be an integer"),
        (#"{"time":01,"process":0,"type":"ok","f":"get"}"#, "leading zero"),
        (#"{"time":+1,"process":0,"type":"ok","f":"get"}"#, "expected a value"),
        (#"{"time":1e400000,"process":0,"type":"ok","f":"get"}"#, "time must be an integer"),
        (#"{"time":9223372036854775808,"process":0,"type":"ok","f":"get"}"#, "time is too large"),
        (#"{"time":99999999999999999999999,"process":0,"type":"ok","f":"get"}"#, "time is too large"),
        (#"{"time":1,"process":-1,"type":"ok","f":"get"}"#, "process must be 0 or more"),
        (#"{"time":1,"process":[],"type":"ok","f":"get"}"#, "process must be an integer"),
        (#"{"time":1,"process":0,"type":"OK","f":"get"}"#, "type must be invoke, ok, fail or info"),
        (#"{"time":1,"process":0,"type":1,"f":"get"}"#, "type must be a string"),
        (#"{"time":1,"process":0,"type":"ok","f":1}"#, "f must be a string"),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":1}"#, "key must be a string"),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"k","node":{}}"#, "node must be a string"),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":"a"}"#, "value must be an array of versions"),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[1]}"#,
            "a version must be an id or an object"
        ),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"dot":["n",1]}]}"#, #"a version needs "v""#),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":1}]}"#, "v must be a string"),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","dot":["n"]}]}"#,
            "a dot must be [actor, counter]"
        ),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","dot":["n",1,2]}]}"#,
            "a dot must be"
        ),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","dot":["n",-1]}]}"#,
            "counter must be an integer"
        ),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","clock":[]}]}"#,
            "clock must be an object"
        ),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","clock":{"n":1,"n":2}}]}"#,
            #"names "n" twice"#
        ),
        (
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","tombstone":1}]}"#,
            "tombstone must be true or false"
        ),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[{"v":"a","v":"b"}]}"#, "is there twice"),
        (#"{"time":1,"process":0,"type":"invoke","f":"get","key":"k","r":"2"}"#, "r must be an integer"),
        (#"{"time":1,"process":0,"type":"invoke","f":"get","key":"k","r":-9223372036854775808}"#, "r is too small"),
        (#"{"time":1,"process":0,"type":"invoke","f":"put","key":"k","value":["a"]}"#, "value must be a string"),
        (
            #"{"time":1,"process":0,"type":"invoke","f":"put","key":"k","value":"a","seen":"b"}"#,
            "seen must be an array"
        ),
        (
            #"{"time":1,"process":0,"type":"invoke","f":"put","key":"k","value":"a","seen":[1]}"#,
            "each of the list must be a string"
        ),
        (#"{"time":1,"process":"nemesis","type":"info","f":"kill","value":"n1"}"#, "value must be an array"),
        (
            #"{"time":1,"process":"nemesis","type":"info","f":"partition","value":["n1"]}"#,
            "each group of a partition must be an array"
        ),
        (#"{"time":1,"process":"controller","type":"info","f":"phase","value":1}"#, "value must be a string"),
        (#"{"time":1,"process":"inspector","type":"ok","f":"replica","home":"yes"}"#, "home must be true or false"),
        ("{\"a\":\"\u{1}\",\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"get\"}", "control characters"),
        (#"{"a":"\x","time":1,"process":0,"type":"ok","f":"get"}"#, "unknown escape"),
        (#"{"a":"\u12g4","time":1,"process":0,"type":"ok","f":"get"}"#, "four hexadecimal digits"),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"\ud800"}"#, "half a surrogate pair"),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"\udc00\ud800"}"#, "half a surrogate pair"),
        (#"{"time":1,"process":0,"type":"ok","f":"get","key":"\ud800\u0041"}"#, "half a surrogate pair"),
        (#"{"a":tru,"time":1,"process":0,"type":"ok","f":"get"}"#, "expected true"),
        (#"{"a":1.,"time":1,"process":0,"type":"ok","f":"get"}"#, "expected a digit"),
        (#"{"a":-,"time":1,"process":0,"type":"ok","f":"get"}"#, "expected a digit"),
        (#"{"a":[1,],"time":1,"process":0,"type":"ok","f":"get"}"#, "expected a value"),
        (#"{"a":{"b" 1},"time":1,"process":0,"type":"ok","f":"get"}"#, "expected ':'"),
    ]) func lineIsRefused(line: String, reason: String) throws {
        let whole = ["{\"dyno\":1}", Self.good, line, Self.good].joined(separator: "\n")
        let error = try #require(
            failure { () throws(HistoryError) in try JSONLines.parse(Array(whole.utf8), file: "h.jsonl") })
        #expect(error.line == 3)
        #expect(error.reason.contains(reason), "\(error)")
        #expect(error.description == "h.jsonl:3: \(error.reason)")
    }

    @Test(arguments: [
        ("", "no header: the file is empty"),
        ("\n\n", "no header: the file is empty"),
        (good, #"no header: the first line must have "dyno":1"#),
        ("{\"dyno\":2}", "version 2 of the form is not known"),
        ("{\"dyno\":\"1\"}", "dyno must be an integer"),
        ("{\"dyno\":1,\"n\":\"3\"}", "n must be an integer"),
        ("{\"dyno\":1,\"nodes\":\"n1\"}", "nodes must be an array"),
        ("{\"dyno\":1,\"nodes\":[1]}", "each of nodes must be a string"),
        ("{\"dyno\":1,\"converge_within_ns\":1.5}", "converge_within_ns must be an integer"),
        ("{\"dyno\":1,\"converge_within_ns\":1,\"converge_within_ns\":1}", "is there twice"),
        ("\n{\"dyno\":1}", "an empty line among the events"),
        ("\u{1F}\u{8B}", "not JSON"),
    ]) func headerIsRefused(text: String, reason: String) throws {
        let error = try #require(
            failure { () throws(HistoryError) in try JSONLines.parse(Array(text.utf8), file: "h") })
        #expect(error.line == 1)
        #expect(error.reason.contains(reason), "\(error)")
    }

    @Test(
        arguments: [[0xC0, 0x80], [0xFF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xE9], [0x80]] as [[UInt8]])
    func bytesThatAreNoUTF8AreRefused(bytes: [UInt8]) throws {
        for place in ["key", "unknown"] {
            let line =
                Array("{\"dyno\":1}\n{\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"get\",\"\(place)\":\"".utf8)
                + bytes + Array("\"}".utf8)
            let error = try #require(failure { () throws(HistoryError) in try JSONLines.parse(line, file: "h") })
            #expect(error.line == 2)
            #expect(error.reason.contains("not UTF-8"))
        }
    }

    @Test func nestingIsBounded() throws {
        func line(_ depth: Int) -> [UInt8] {
            let nested = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
            return Array("{\"dyno\":1,\"x\":\(nested)}".utf8)
        }
        #expect(try JSONLines.parse(line(200), file: "h").header.extras.utf8.count == 404)
        let error = try #require(failure { () throws(HistoryError) in try JSONLines.parse(line(100_000), file: "h") })
        #expect(error.reason.contains("nested deeper than 256"))
    }

    @Test func whatMayBeNullOrHasNoMeaningIsKept() throws {
        let line =
            #"{"time":1,"process":0,"type":"invoke","f":"get","key":"k","node":null,"r":null,"seen":7,"home":"?"}"#
        let history = try history(line)
        #expect(history.events[0].node == Interner.none)
        #expect(text(history).hasSuffix(#""key":"k","seen":7,"node":null,"r":null,"home":"?"}"# + "\n"))
    }

    @Test func longClocksMayNotNameAnActorTwice() throws {
        let entries = (0..<100).map { "\"a\($0)\":1" }.joined(separator: ",")
        let version =
            "{\"time\":1,\"process\":0,\"type\":\"ok\",\"f\":\"get\",\"key\":\"k\",\"value\":[{\"v\":\"a\",\"clock\":{"
        #expect(try history(version + entries + "}}]}").clocks.count == 100)
        #expect(throws: HistoryError.self) { try history(version + entries + ",\"a50\":2}}]}") }
    }
}
