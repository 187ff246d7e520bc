import Checkers
import History
import Testing

private typealias H = FieldHistory

/// Histories as operations of models.
@Suite struct LinearizableTests {
    private static func check(
        _ model: LinearizableModel?, _ lines: [String], initial: String = "null"
    ) throws -> CheckerResult {
        try result(.linearizable, lines) {
            $0.model = model
            $0.initialValue = initial
        }
    }

    /// An operation, its invocation's value, its answer, and whether that is right after a write of 1.
    @Test(arguments: [
        ("read", "", "\"value\":1", true), ("read", "", "\"value\":2", false), ("read", "", "\"value\":\"1\"", false),
        ("read", "", "\"value\":null", false), ("cas", "\"value\":[1,2]", "", true),
        ("cas", "\"value\":[2,1]", "", false), ("cas", "\"value\":[2,1]", "\"applied\":false", true),
        ("cas", "\"value\":[1,2]", "\"applied\":false", false),
    ]) func register(f: String, given: String, answer: String, isRight: Bool) throws {
        let lines = H.done(0, "write", "\"value\":1") + H.done(1, f, given, answer: answer)
        #expect(try Self.check(.casRegister, lines).validity == (isRight ? .valid : .invalid))
        #expect(try Self.check(nil, lines).validity == (isRight ? .valid : .invalid))
    }

    /// A value is found among members that look like it, whatever its spelling and theirs.
    @Test(arguments: [
        #""note":{"value":7,"a":[1,"],\"value\":7"]},"value":1"#, #""\u006eote":"value","value": 1"#,
        #""values":7,"valu":7,"value":1"#, #""note":"a\",","value":1"#,
    ]) func valuesAmongOtherMembers(answer: String) throws {
        let write = H.done(0, "write", #""value":1"#)
        #expect(try Self.check(.casRegister, write + H.done(1, "read", answer: answer)).validity == .valid)
        #expect(try Self.check(.register, H.done(1, "read", answer: answer), initial: "1").validity == .valid)
        #expect(try Self.check(.register, H.done(1, "read", answer: answer)).validity == .invalid)
    }

    /// The same value twice, however it is spelled; and the escaped name of a member.
    @Test func spellings() throws {
        let write = H.done(0, "write", #""value":["a" , {"b":null}]"#)
        for value in [#"["a",{"b":null}]"#, #"[ "\u0061",{"\u0062":null}]"#] {
            #expect(
                try Self.check(.register, write + H.done(1, "read", answer: "\"value\":\(value)")).validity == .valid)
        }
        let refused = H.done(1, "cas", #""value":[ 2 , 1 ]"#, answer: #""note":1,"\u0061pplied":false"#)
        #expect(try Self.check(.casRegister, H.done(0, "write", #""value":1"#) + refused).validity == .valid)
        #expect(try Self.check(.casRegister, H.done(0, "write", #""value":2"#) + refused).validity == .invalid)
    }

    @Test func initialValues() throws {
        func read(_ value: String) -> [String] { H.done(1, "read", answer: "\"value\":\(value)") }
        #expect(try Self.check(.register, read("null")).validity == .valid)
        #expect(try Self.check(.register, read("0")).validity == .invalid)
        #expect(try Self.check(.register, read("0"), initial: "0").validity == .valid)
        #expect(try Self.check(.register, read("0"), initial: "}").validity == .unknown)
        // Of a read without a value nobody knows what it saw.
        #expect(try Self.check(.register, H.done(1, "read")).validity == .unknown)
    }

    @Test func staleReadIsProved() throws {
        let lines =
            H.done(0, "write", "\"key\":\"x\",\"value\":1") + H.done(0, "write", "\"key\":\"x\",\"value\":2")
            + H.done(1, "read", "\"key\":\"y\"", answer: "\"value\":null")
            + H.done(1, "read", "\"key\":\"x\"", answer: "\"value\":1")
        let found = try Self.check(.register, lines)
        #expect(found.validity == .invalid && found.anomalies.first?.key == "x")
        #expect(found.anomalies.first?.ops == [0, 1, 2, 3, 6, 7])
        let searched = try Self.check(.casRegister, lines + H.done(2, "cas", "\"key\":\"x\",\"value\":[2,2]"))
        // The write of 2, and the read that did not see it.
        #expect(searched.anomalies.first?.ops == [2, 3, 6, 7])
        #expect(searched.anomalies.first?.message.contains("process 1's read of x (event 7)") == true)
    }

    @Test func failuresAndLosses() throws {
        let failed = [H.begin(0, "write", "\"value\":1"), H.event(0, "fail", "write")]
        #expect(try Self.check(.register, failed + H.done(1, "read", answer: "\"value\":1")).validity == .invalid)
        let lost = [H.begin(0, "write", "\"value\":1"), H.event(0, "info", "write")]
        #expect(try Self.check(.register, lost + H.done(1, "read", answer: "\"value\":1")).validity == .valid)
        #expect(try Self.check(.register, lost + H.done(1, "read", answer: "\"value\":null")).validity == .valid)
    }

    @Test func otherModels() throws {
        let text = H.done(0, "append", "\"value\":\"a\"") + H.done(0, "append", "\"value\":\"b\"")
        #expect(try Self.check(.kv, text + H.done(1, "read", answer: "\"value\":\"ab\"")).validity == .valid)
        #expect(try Self.check(.kv, text + H.done(1, "read", answer: "\"value\":\"ba\"")).validity == .invalid)
        let set = H.done(0, "add", "\"value\":1") + H.done(0, "add", "\"value\":2") + H.done(0, "remove", "\"value\":1")
        #expect(try Self.check(.set, set + H.done(1, "read", answer: "\"value\":[2]")).validity == .valid)
        #expect(try Self.check(.set, set + H.done(1, "read", answer: "\"value\":[1,2]")).validity == .invalid)
        #expect(
            try Self.check(.set, set + H.done(1, "contains", "\"value\":1", answer: "\"value\":[1,false]")).validity
                == .valid)
        #expect(
            try Self.check(.set, set + H.done(1, "contains", "\"value\":2", answer: "\"value\":[2,false]")).validity
                == .invalid)
        let sum = H.done(0, "add", "\"value\":3") + H.done(0, "add", "\"value\":-1")
        #expect(try Self.check(.counter, sum + H.done(1, "read", answer: "\"value\":2")).validity == .valid)
        #expect(try Self.check(.counter, sum + H.done(1, "read", answer: "\"value\":3")).validity == .invalid)
        #expect(try Self.check(.mutex, H.done(0, "acquire") + H.done(0, "release")).validity == .valid)
        #expect(try Self.check(.mutex, H.done(0, "acquire") + H.done(1, "acquire")).validity == .invalid)
        let txn = H.done(0, "txn", "\"value\":[[\"w\",\"x\",1],[\"w\",\"y\",2]]")
        let torn = H.done(1, "txn", "\"value\":[]", answer: "\"value\":[[\"r\",\"x\",1],[\"r\",\"y\",0]]")
        let whole = H.done(1, "txn", "\"value\":[]", answer: "\"value\":[[\"r\",\"x\",1],[\"r\",\"y\",null]]")
        #expect(try Self.check(.multiRegister, txn + torn, initial: "0").validity == .invalid)
        #expect(try Self.check(.multiRegister, txn + whole, initial: "0").validity == .valid)
    }

    /// The store's own operations: a register of version ids.
    @Test func ownOperations() throws {
        let lines = H.put(0, "x", "a") + H.put(0, "x", "b", seen: ["a"])
        #expect(try Self.check(.kv, lines + H.get(1, "x", ["b"])).validity == .valid)
        #expect(try Self.check(.kv, lines + H.get(1, "x", ["a"])).validity == .invalid)
        #expect(try Self.check(.kv, lines + H.get(1, "x", ["a", "b"])).validity == .invalid)
        let deleted =
            lines + H.done(0, "delete", "\"key\":\"x\",\"value\":\"d\",\"seen\":[\"b\"]", answer: "\"key\":\"x\"")
        #expect(try Self.check(nil, deleted + H.get(1, "x", [])).validity == .valid)
        #expect(try Self.check(nil, deleted + H.get(1, "x", ["b"])).validity == .invalid)
    }

    @Test func unknowns() throws {
        let lines = H.done(0, "write", "\"value\":1") + H.done(1, "cas", "\"value\":[1,2]")
        #expect(try Self.check(.register, lines).reason == "event 2: a register has no operation cas.")
        #expect(try Self.check(nil, H.done(0, "jump")).validity == .unknown)
        #expect(try Self.check(.counter, H.done(0, "add", "\"value\":\"x\"")).validity == .unknown)
        #expect(try Self.check(.register, []).validity == .unknown)
        // The writes alone cannot be wrong.
        #expect(try Self.check(.register, H.done(0, "write", "\"value\":1")).validity == .unknown)
        var many: [String] = []
        for process in 0..<40 { many.append(H.begin(process, "cas", "\"value\":[\(process % 3),\(process % 5)]")) }
        for process in 0..<40 { many.append(H.ok(process, "cas")) }
        let limited = try result(.linearizable, H.done(50, "write", "\"value\":0") + many) {
            $0.model = .casRegister
            $0.memory = 1 << 10
        }
        #expect(limited.validity != .valid)
    }
}
