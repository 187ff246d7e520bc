import Checkers
import History
import Testing

/// `ack-below-w`: told from what a capture wrote into the history, offline as well as live, and from nothing else.
@Suite struct AcknowledgementRuleTests {
    /// A put that the durability checker finds kept, with what the wire showed of its acknowledgement.
    private func history(_ acks: [(node: String, members: String)], process: Process = .controller) -> History {
        var history = History()
        history.header.nodes = ["n1", "n2"]
        var time: Int64 = 0
        func add(_ process: Process, _ type: EventType, _ function: Function, _ fill: (inout EventDraft) -> Void) {
            time += 1_000_000
            var draft = EventDraft(time, process, type, function)
            fill(&draft)
            history.append(draft)
        }
        add(.nemesis, .info, .kill) { $0.list = .ids(["n2"]) }
        for id in ["3-1", "3-2"] {
            add(.client(3), .invoke, .put) {
                ($0.key, $0.value, $0.node, $0.list) = ("k", id, "n1", .ids(id == "3-2" ? ["3-1"] : []))
            }
            add(.client(3), .ok, .put) { ($0.key, $0.value) = ("k", id) }
        }
        add(.nemesis, .info, .restart) { $0.list = .ids(["n2"]) }
        for ack in acks {
            add(process, .info, .other) { ($0.name, $0.node, $0.extras) = ("acks", ack.node, ack.members) }
        }
        add(.controller, .info, .phase) { $0.value = "final" }
        for node in ["n1", "n2"] {
            add(.inspector, .ok, .replica) {
                ($0.key, $0.node, $0.home, $0.list) = ("k", node, true, .versions([VersionDraft(id: "3-2")]))
            }
        }
        return history
    }

    private func durability(_ history: History) throws -> CheckerResult {
        try #require(check(history, checkers: [.durability])[.durability])
    }

    @Test func aHistoryWithoutACaptureIsJudgedByTheContractAlone() throws {
        #expect(try durability(history([])).validity == .valid)
    }

    @Test func enoughCopiesAreNoAnomaly() throws {
        let sound = history([
            ("n1", "\"w\":2,\"acks\":1,\"puts\":\"3-1 3-2\""), ("n1", "\"w\":1,\"acks\":0,\"puts\":\"3-1\""),
        ])
        #expect(try durability(sound).validity == .valid)
    }

    @Test func tooFewAreOnePutAtATime() throws {
        let broken = history([
            ("n1", "\"w\":2,\"acks\":0,\"puts\":\"3-1 3-2 9-9\""), ("n1", "\"w\":2,\"acks\":1,\"puts\":\"3-2\""),
        ])
        let result = try durability(broken)
        #expect(result.validity == .invalid && result.anomalyCount == 2, "9-9 is no write of this history")
        let anomaly = try #require(result.anomalies.first)
        #expect(
            anomaly.type.name == "ack-below-w" && anomaly.value == "3-1" && anomaly.key == "k" && anomaly.node == "n1")
        #expect(anomaly.ops == [1, 2, 6], "the put, its acknowledgement, and the word of the wire")
        #expect(anomaly.message.contains("no other node") && anomaly.message.contains("W=2"))
    }

    @Test func twoOfThreeAreTooFew() throws {
        let result = try durability(history([("n2", "\"w\":3,\"acks\":1,\"puts\":\"3-2\"")]))
        #expect(
            result.anomalies.map(\.value) == ["3-2"]
                && result.anomalies.first?.message.contains("one other node") == true)
    }

    @Test func whatOthersCallByThatNameIsNotBelieved() throws {
        #expect(
            try durability(history([("n1", "\"w\":2,\"acks\":0,\"puts\":\"3-1\"")], process: .nemesis)).validity
                == .valid)
        for nonsense in [
            "\"w\":2,\"acks\":0", "\"w\":\"x\",\"acks\":0,\"puts\":\"3-1\"", "\"puts\":7,\"w\":2,\"acks\":0",
            "\"note\":\"w\",\"acks\":0,\"puts\":\"3-1\"",
        ] {
            #expect(try durability(history([("n1", nonsense)])).validity == .valid, "\(nonsense)")
        }
    }

    @Test func theRuleReadsWhateverOrderTheMembersHave() throws {
        let result = try durability(history([("n1", "\"puts\": \"3-1\", \"acks\": 0, \"w\": 2")]))
        #expect(result.anomalyCount == 1)
    }
}
