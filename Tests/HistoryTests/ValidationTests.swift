import History
import Testing

/// What is a history in the sense of the rules, and what is not.
@Suite struct ValidationTests {
    /// Lines, each an array of `process type f` and members; joined to a history behind a header.
    private func validate(_ lines: [String]) throws -> HistoryError? {
        let text = (["{\"dyno\":1}"] + lines).joined(separator: "\n")
        let history = try JSONLines.parse(Array(text.utf8), file: "h.jsonl")
        return failure { () throws(HistoryError) in try history.validate(file: "h.jsonl") }
    }

    private static func op(_ process: Int, _ type: String, _ f: String, _ members: String) -> String {
        #"{"time":1,"process":\#(process),"type":"\#(type)","f":"\#(f)","key":\#(members)}"#
    }

    private static func by(_ process: String, _ type: String, _ f: String, _ members: String = "") -> String {
        #"{"time":1,"process":"\#(process)","type":"\#(type)","f":"\#(f)"\#(members)}"#
    }

    struct Malformed: Sendable, CustomTestStringConvertible {
        var lines: [String]
        var line: Int
        var reason: String
        var testDescription: String { reason }
    }

    @Test(arguments: [
        Malformed(
            lines: [op(0, "ok", "get", #""k","value":[]"#)], line: 2,
            reason: "completion without invocation: process 0 has no"),
        Malformed(
            lines: [op(0, "invoke", "get", #""k""#), op(0, "info", "get", #""k""#), op(0, "invoke", "get", #""k""#)],
            line: 4,
            reason: "process 0 goes on after an operation that ended in info"),
        Malformed(
            lines: [
                op(0, "invoke", "get", #""k""#), op(0, "info", "get", #""k""#), op(0, "ok", "get", #""k","value":[]"#),
            ], line: 4,
            reason: "process 0 goes on after"),
        Malformed(
            lines: [op(7, "invoke", "get", #""k""#), op(7, "invoke", "get", #""k""#)], line: 3,
            reason: "process 7 has two operations in flight, the first from line 2"),
        Malformed(
            lines: [op(70_000, "invoke", "get", #""k""#), op(70_000, "invoke", "get", #""k""#)], line: 3,
            reason: "process 70000 has two operations in flight"),
        Malformed(
            lines: [
                op(0, "invoke", "put", #""k","value":"a""#), op(0, "fail", "put", #""k""#),
                op(1, "invoke", "delete", #""j","value":"a""#),
            ], line: 4, reason: #"the id "a" is written twice, the first time in line 2"#),
        Malformed(
            lines: [op(0, "invoke", "put", #""k","value":"a","seen":["zz"]"#)], line: 2,
            reason: #"seen id "zz" is written by nobody"#),
        Malformed(
            lines: [op(0, "invoke", "put", #""k","value":"a","seen":["k"]"#)], line: 2,
            reason: #"seen id "k" is written by nobody"#),
        Malformed(
            lines: [
                op(0, "invoke", "put", #""j","value":"b""#), op(1, "invoke", "put", #""k","value":"a","seen":["b"]"#),
            ], line: 3,
            reason: #"seen id "b" is a write of key "j" (line 2), not of "k""#),
        Malformed(
            lines: [op(0, "invoke", "put", #""k","value":"a","seen":["a"]"#)], line: 2,
            reason: #"seen makes a cycle: "a" has seen "a""#),
        Malformed(
            lines: [
                op(0, "invoke", "put", #""k","value":"x""#),
                op(1, "invoke", "put", #""k","value":"y","seen":["x","b"]"#),
                op(2, "invoke", "put", #""k","value":"a","seen":["b","x"]"#),
                op(3, "invoke", "put", #""k","value":"b","seen":["c"]"#),
                op(4, "invoke", "delete", #""k","value":"c","seen":["a"]"#),
            ], line: 4, reason: #"seen makes a cycle: "a" has seen "b" has seen "c" has seen "a""#),
        Malformed(
            lines: [
                #"{"time":5,"process":0,"type":"invoke","f":"get","key":"k"}"#,
                #"{"time":4,"process":1,"type":"invoke","f":"get","key":"k"}"#,
            ], line: 3, reason: "time goes back: 4 after 5"),
        Malformed(
            lines: [op(0, "invoke", "get", #""k""#), op(0, "fail", "put", #""k""#)], line: 3,
            reason: #"f is "put", its invocation in line 2 has "get""#),
        Malformed(
            lines: [op(0, "invoke", "cas", #""k""#), op(0, "ok", "swap", #""k""#)], line: 3, reason: #"f is "swap""#),
        Malformed(
            lines: [op(0, "invoke", "get", #""k""#), op(0, "ok", "get", #""j","value":[]"#)], line: 3,
            reason: #"key is "j", its invocation in line 2 has "k""#),
        Malformed(
            lines: [op(0, "invoke", "put", #""k","value":"a""#), op(0, "ok", "put", #""k","value":"b""#)], line: 3,
            reason: #"value is "b", its invocation in line 2 has "a""#),
        Malformed(lines: [op(0, "invoke", "put", #""k""#)], line: 2, reason: "invoke of put without value"),
        Malformed(
            lines: [op(0, "invoke", "delete", #"null,"value":"a""#)], line: 2, reason: "invoke of delete without key"),
        Malformed(lines: [op(0, "invoke", "get", "null")], line: 2, reason: "invoke of get without key"),
        Malformed(
            lines: [op(0, "invoke", "get", #""k""#), op(0, "ok", "get", #""k""#)], line: 3,
            reason: "ok of get without value"),
        Malformed(
            lines: [by("nemesis", "info", "get", #","key":"k""#)], line: 2,
            reason: #"must be a client process, not "nemesis""#),
        Malformed(lines: [by("worker", "invoke", "put")], line: 2, reason: #"must be a client process, not "worker""#),
        Malformed(
            lines: [op(0, "info", "kill", #""k","value":["n1"]"#)], line: 2, reason: #"must be "nemesis", not 0"#),
        Malformed(
            lines: [by("nemesis", "info", "phase", #","value":"load""#)], line: 2,
            reason: #"must be "controller", not "nemesis""#),
        Malformed(
            lines: [by("nemesis", "ok", "kill", #","value":["n1"]"#)], line: 2,
            reason: "the type of a kill must be info, not ok"),
        Malformed(lines: [by("nemesis", "info", "kill")], line: 2, reason: "info of kill without value"),
        Malformed(
            lines: [by("controller", "ok", "converged")], line: 2, reason: "the type of a converged must be info"),
        Malformed(lines: [by("controller", "info", "phase")], line: 2, reason: "info of phase without value"),
        Malformed(
            lines: [by("inspector", "info", "hints", #","node":"n1","count":0"#)], line: 2,
            reason: "the type of a hints must be ok"),
        Malformed(
            lines: [by("inspector", "ok", "hints", #","node":"n1""#)], line: 2, reason: "ok of hints without count"),
        Malformed(lines: [by("inspector", "ok", "hints", #","count":1"#)], line: 2, reason: "ok of hints without node"),
        Malformed(
            lines: [by("inspector", "ok", "replica", #","node":"n1","home":true,"value":[]"#)], line: 2,
            reason: "replica without key"),
        Malformed(
            lines: [by("inspector", "ok", "replica", #","node":"n1","key":"k","value":[]"#)], line: 2,
            reason: "replica without home"),
        Malformed(
            lines: [by("inspector", "ok", "replica", #","node":"n1","key":"k","home":true"#)], line: 2,
            reason: "replica without value"),
        Malformed(
            lines: [by("inspector", "ok", "root", #","node":"n1","hash":"h""#)], line: 2,
            reason: "ok of root without range"),
        Malformed(
            lines: [by("inspector", "ok", "root", #","node":"n1","range":"r""#)], line: 2,
            reason: "ok of root without hash"),
    ]) func isRefused(case malformed: Malformed) throws {
        let error = try #require(try validate(malformed.lines))
        #expect(error.file == "h.jsonl")
        #expect(error.line == malformed.line)
        #expect(error.reason.contains(malformed.reason), "\(error)")
    }

    /// Unusual, and still histories.
    @Test(
        arguments: [
            [],
            [op(0, "invoke", "get", #""k""#)],
            [op(0, "invoke", "get", #""k""#), op(0, "info", "get", #""k""#), op(1, "invoke", "get", #""k""#)],
            [
                op(0, "invoke", "get", #""k""#), op(0, "fail", "get", #""k","value":"timeout""#),
                op(0, "invoke", "get", #""k""#),
            ],
            [op(0, "invoke", "put", #""k","value":"a""#), op(0, "ok", "put", #""k""#)],
            [op(0, "invoke", "put", #""k","value":"a""#), op(0, "info", "put", #""k","value":"b""#)],
            // What was seen may come later, as long as nothing comes before itself.
            [
                op(0, "invoke", "put", #""k","value":"a","seen":["b","b"]"#),
                op(1, "invoke", "put", #""k","value":"b""#),
            ],
            // Reads of what nobody wrote are the checkers' business.
            [op(0, "invoke", "get", #""k""#), op(0, "ok", "get", #""k","value":["phantom","phantom"]"#)],
            [op(0, "invoke", "txn", "null"), op(0, "ok", "txn", #""k","value":[[1,2]]"#)],
            [
                by("nemesis", "info", "wipe", #","value":["nobody"],"extra":1"#),
                by("nemesis", "info", "kill", #","value":[]"#),
            ],
            [by("nemesis", "invoke", "clock-skew", #","value":3"#), by("worker", "ok", "anything")],
            [
                by("controller", "info", "phase", #","value":"lunch""#),
                by("controller", "info", "phase", #","value":"lunch""#),
            ],
            [by("nemesis", "info", "heal"), by("nemesis", "info", "partition", #","value":[["n1"],[]]"#)],
        ] as [[String]]) func isAccepted(lines: [String]) throws
    {
        #expect(try validate(lines) == nil)
    }

    @Test func unknownVersionIsRefused() {
        var history = History()
        history.header.version = 2
        #expect(failure { () throws(HistoryError) in try history.validate(file: "h") }?.line == 1)
    }

    @Test func longCyclesAreFound() throws {
        let lines = (0..<2000).map {
            Self.op($0, "invoke", "put", #""k","value":"v\#($0)","seen":["v\#(($0 + 1) % 2000)"]"#)
        }
        let error = try #require(try validate(lines))
        #expect(error.line == 2)
        #expect(error.reason.hasPrefix(#"seen makes a cycle: "v0" has seen "v1""#))
        let chain = lines.dropLast() + [Self.op(1999, "invoke", "put", #""k","value":"v1999""#)]
        #expect(try validate(Array(chain)) == nil)
    }
}

@Suite struct PairingTests {
    @Test func partnersFindEachOther() throws {
        let history = try history(
            #"{"time":1,"process":0,"type":"invoke","f":"get","key":"k"}"#,
            #"{"time":1,"process":"nemesis","type":"info","f":"heal"}"#,
            #"{"time":1,"process":99999999,"type":"invoke","f":"get","key":"k"}"#,
            #"{"time":1,"process":0,"type":"ok","f":"get","key":"k","value":[]}"#,
            #"{"time":1,"process":99999999,"type":"info","f":"get","key":"k"}"#,
            #"{"time":1,"process":0,"type":"invoke","f":"get","key":"k"}"#)
        #expect(history.pairing() == [3, -1, 4, 0, 2, -1])
    }
}

@Suite struct InternerTests {
    @Test func stringsKeepTheirNumbers() {
        var interner = Interner()
        var random = SeededGenerator(seed: 1)
        var expected: [[UInt8]: UInt32] = [:]
        for _ in 0..<20_000 {
            let string = String(repeating: "x", count: random.below(20)) + "\(random.below(500))"
            let next = UInt32(expected.count)
            let identifier = interner.intern(string)
            #expect(identifier == expected[Array(string.utf8)] ?? next)
            expected[Array(string.utf8)] = identifier
            #expect(interner[identifier] == string)
        }
        #expect(interner.count == expected.count)
        #expect(interner.identifier(of: "never") == nil)
        #expect(interner.identifier(of: interner.strings[7]) == 7)
        #expect(interner[Interner.none] == "")
        #expect(Interner().identifier(of: "") == nil)
    }

    @Test func equivalentIsNotEqual() {
        var interner = Interner()
        #expect(interner.intern("\u{E9}") != interner.intern("e\u{301}"))
        #expect(interner.intern("") == interner.intern(""))
    }
}
