import History
import Testing

@Suite struct JSONLinesTests {
    @Test func everyMemberHasItsPlace() throws {
        let history = try history(
            #"{"time":5,"process":0,"type":"invoke","f":"put","key":"k","value":"a","#
                + #""seen":["x","y"],"node":"n1","w":2}"#,
            #"{"time":7,"process":0,"type":"ok","f":"put","key":"k","value":"a","#
                + #""dot":["n1",3],"clock":{"n2":18446744073709551615}}"#,
            #"{"time":7,"process":"inspector","type":"ok","f":"replica","node":"n2","key":"k","home":false,"#
                + #""range":"r","value":[{"v":"a","tombstone":true}]}"#,
            #"{"time":8,"process":"nemesis","type":"info","f":"partition","value":[["n1"],["n2","n3"]]}"#,
            #"{"time":9,"process":"inspector","type":"ok","f":"hints","node":"n2","count":4}"#)
        let put = history.events[0]
        #expect((put.time, put.process, put.type, put.function) == (5, .client(0), .invoke, .put))
        #expect(history.string(put.key) == "k")
        #expect(history.string(put.value) == "a")
        #expect(history.string(put.node) == "n1")
        #expect(put.number == 2)
        #expect(history.ids(of: put).map { history.string($0) } == ["x", "y"])
        let shown = try #require(history.versions(of: history.events[1]).first)
        #expect(shown.id == Interner.none)
        #expect(history.string(shown.actor) == "n1")
        #expect(shown.counter == 3)
        #expect(history.clock(of: shown).map(\.counter) == [UInt64.max])
        let replica = history.events[2]
        #expect(replica.home == 1)
        #expect(history.string(replica.value) == "r")
        #expect(history.versions(of: replica).map(\.tombstone) == [true])
        #expect(history.ids(of: history.events[3]).map { history.string($0) } == ["n1", "", "n2", "n3", ""])
        #expect(history.ids(of: history.events[3]).map { $0 == Interner.none } == [false, true, false, false, true])
        #expect(history.events[4].number == 4)
    }

    @Test func headerIsRead() throws {
        let text =
            #"{"dyno":1,"name":"c","nodes":["n1","é"],"n":3,"r":2,"w":1,"converge_within_ns":30000000000,"seed":0.10}"#
        let header = try JSONLines.parse(Array(text.utf8), file: "h").header
        #expect(header.name == "c")
        #expect(header.nodes == ["n1", "é"])
        #expect((header.n, header.r, header.w) == (3, 2, 1))
        #expect(header.convergeWithin == 30_000_000_000)
        #expect(header.extras == #""seed":0.10"#)
    }

    /// Lines that come out as they went in.
    @Test(arguments: [
        #"{"time":1,"process":0,"type":"invoke","f":"get","key":"k"}"#,
        #"{"time":1,"process":0,"type":"invoke","f":"get","key":"k","node":"n1","r":3,"value":null}"#,
        #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[]}"#,
        #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":["a","#
            + #"{"v":"b","dot":["n1",4],"clock":{"n1":3,"n2":1}},"#
            + #"{"v":"c","clock":{},"tombstone":true,"size":1.50,"tombstone ":[ ]}]}"#,
        #"{"time":1,"process":0,"type":"fail","f":"get","key":"k","value":"timeout"}"#,
        #"{"time":1,"process":0,"type":"invoke","f":"put","key":"k","value":"a","seen":[]}"#,
        #"{"time":1,"process":0,"type":"invoke","f":"put","key":"k","value":"a"}"#,
        #"{"time":1,"process":0,"type":"info","f":"put","key":"k","error":"timeout","seen":["q"]}"#,
        #"{"time":1,"process":0,"type":"ok","f":"delete","key":"k","value":"d","dot":["n1",4]}"#,
        #"{"time":1,"process":0,"type":"ok","f":"delete","key":"k","value":"d","clock":{}}"#,
        #"{"time":1,"process":"nemesis","type":"info","f":"clock-skew","value":{"n1":[-3,{"x":null}]}}"#,
        #"{"time":1,"process":"nemesis","type":"info","f":"kill","value":["n1"],"signal":9}"#,
        #"{"time":1,"process":"nemesis","type":"info","f":"partition","value":[["n1"],[],["n2","n3"]]}"#,
        #"{"time":1,"process":"nemesis","type":"info","f":"partition","value":[]}"#,
        #"{"time":1,"process":"controller","type":"info","f":"phase","value":"load"}"#,
        #"{"time":1,"process":"worker 7","type":"info","f":"note"}"#,
        #"{"time":1,"process":"inspector","type":"ok","f":"root","node":"n1","range":"r1","hash":"00ff","home":true}"#,
        #"{"time":1,"process":"inspector","type":"ok","f":"replica","key":"k","node":"n1","home":true,"#
            + #""range":"r","value":["a"]}"#,
        #"{"time":-9223372036854775808,"process":9223372036854775807,"type":"invoke","f":"é\n\"\\\u0001"}"#,
    ]) func lineSurvives(line: String) throws {
        let history = try history(line)
        #expect(text(history) == "{\"dyno\":1}\n" + line + "\n")
        #expect(text(try NativeReader.read(try native(history), file: "h")) == text(history))
        #expect(JSONLines.line(of: 0, in: history) == line)
    }

    @Test func whatSaysTheSameIsWrittenTheSame() throws {
        let one = try history(
            " { \"f\" : \"get\", \"key\":\"k\\u0041\\ud83d\\ude00\\/\", \"ty\\u0070e\":\"ok\","
                + "\r\"process\":0,\"time\": 1,\"value\":[ {\"v\":\"a\"} ] } \r"
        )
        let other = try history(#"{"time":1,"process":0,"type":"ok","f":"get","key":"kA😀/","value":["a"]}"#)
        #expect(text(one) == text(other))
        #expect(
            try text(history(#"{"time":1,"process":"nemesi\u0073","type":"\u006fk","f":"hea\u006c"}"#)).contains(
                #""process":"nemesis","type":"ok","f":"heal""#))
    }

    @Test func wordsOfTheFormAreKnownWithEscapes() throws {
        let event = try history(#"{"time":1,"process":"nemesi\u0073","type":"\u006fk","f":"hea\u006c"}"#).events[0]
        #expect((event.process, event.type, event.function) == (.nemesis, .ok, .heal))
        let long = try history(#"{"time":1,"process":"controller","type":"info","f":"converged"}"#).events[0]
        #expect(long.function == .converged)
    }

    @Test func unicodeIsComparedByItsBytes() throws {
        let history = try history(
            "{\"time\":1,\"process\":0,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"\u{E9}\"}",
            "{\"time\":1,\"process\":1,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"e\u{301}\"}")
        #expect(history.events[0].key != history.events[1].key)
        #expect(Array(history.string(history.events[1].key).utf8) == [0x65, 0xCC, 0x81])
    }

    @Test func markOfUTF8AndEmptyLinesAtTheEndAreTolerated() throws {
        let bytes =
            [0xEF, 0xBB, 0xBF]
            + Array(
                "{\"dyno\":1}\r\n{\"time\":1,\"process\":0,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"k\"}\r\n\r\n \n"
                    .utf8)
        #expect(try JSONLines.parse(bytes, file: "h").events.count == 1)
    }

    @Test(arguments: 0..<60) func parsedAndWrittenAndParsed(seed: UInt64) throws {
        let first = text(RandomHistory.make(seed: seed, events: 200))
        let parsed = try JSONLines.parse(Array(first.utf8), file: "h")
        let second = text(parsed)
        #expect(parsed.events.count == 200)
        #expect(text(try JSONLines.parse(Array(second.utf8), file: "h")) == second)
        if seed % 10 != 0 { return }
        // Members keep their text though not their order: each line has the same characters.
        let (lines, others) = (first.split(separator: "\n"), second.split(separator: "\n"))
        for (line, other) in zip(lines, others) { #expect(line.utf8.sorted() == other.utf8.sorted()) }
    }

    @Test(arguments: [1, 2, 7, 64]) func piecesMayEndAnywhere(size: Int) throws {
        let whole = JSONLines.text(of: RandomHistory.make(seed: 3, events: 50))
        var parser = JSONLinesParser(file: "h")
        for start in stride(from: 0, to: whole.count, by: size) {
            try whole[start..<min(start + size, whole.count)].withUnsafeBytes { try parser.consume($0) }
        }
        #expect(try text(parser.finish()) == text(JSONLines.parse(whole, file: "h")))
    }

    @Test func writtenInPiecesIsTheSame() throws {
        let history = SyntheticHistory.generate(events: 5000, keys: 20, clients: 4, seed: 1)
        var written: [UInt8] = []
        var pieces = 0
        JSONLines.write(history) { piece in
            written += piece
            pieces += 1
        }
        #expect(pieces > 1)
        #expect(written == JSONLines.text(of: history))
    }

    @Test func listsWithoutAPlaceAreKept() throws {
        var history = History()
        var draft = EventDraft(1, .nemesis, .info, .other)
        draft.name = "fill"
        draft.list = .ids(["n\"1"])
        history.append(draft)
        draft.extras = "\"a\":1"
        draft.list = .versions([
            VersionDraft(id: "v", dot: DotDraft(actor: "n1", counter: 2), clock: [DotDraft(actor: "n2", counter: 1)])
        ])
        history.append(draft)
        #expect(JSONLines.line(of: 0, in: history).hasSuffix(#""f":"fill","value":["n\"1"]}"#))
        #expect(
            JSONLines.line(of: 1, in: history).hasSuffix(#""a":1,"value":[{"v":"v","dot":["n1",2],"clock":{"n2":1}}]}"#)
        )
    }
}
