import History

/// What a capture showed of acknowledgements, judged beside the durability checker: `ack-below-w`.
///
/// A run of ours writes `acks` events (process `controller`, type `info`): `node` coordinated the writes `puts` (ids with spaces between), each
/// of which asked for `w` copies, and `acks` other nodes had acknowledged theirs on the wire before the write was acknowledged to its client.
/// The coordinator's own durable write is the one more. A history without such events is judged as if there were no such rule.
enum AcknowledgementRule {
    /// Adds what the events of the history show; of a part of one that has no such events, nothing.
    static func adding(to survey: Survey, _ subject: Subject) -> Survey {
        guard let name = subject.history.strings.identifier(of: "acks") else { return survey }
        var survey = survey
        for index in subject.history.events.indices {
            let event = subject.history.events[index]
            guard event.function == .other, event.name == name, event.process == .controller, event.type == .info,
                let text = subject.history.extras[index], let batch = AcknowledgementBatch(text), batch.isBelowW
            else { continue }
            for put in batch.puts {
                guard let id = subject.history.strings.identifier(of: String(put)),
                    subject.writes.numberOfID[Int(id)] >= 0
                else { continue }
                let write = subject.writes.writes[Int(subject.writes.numberOfID[Int(id)])]
                survey.log.report(
                    Finding(
                        type: .ackBelowW, key: write.key, value: id, node: event.node, observer: write.completion,
                        witness: Int32(index)))
            }
        }
        return survey
    }
}

extension History {
    /// Whether a capture showed a write acknowledged by fewer nodes than it asked for: then a history cannot be judged key by
    /// key, since such events tell of many keys at once.
    package var showsEarlyAcknowledgement: Bool {
        guard let name = strings.identifier(of: "acks") else { return false }
        return extras.contains { index, members in
            let event = events[index]
            return event.function == .other && event.name == name && event.process == .controller
                && AcknowledgementBatch(members)?.isBelowW == true
        }
    }
}

/// Writes with the same coordinator, the same W and as many acknowledgements.
struct AcknowledgementBatch {
    var w: Int
    var acknowledgements: Int
    var puts: [Substring]

    /// Reads the members of an `acks` event; nil when one is missing or is something else.
    init?(_ members: String) {
        guard let w = Self.number("w", members), let acknowledgements = Self.number("acks", members),
            let puts = Self.value(of: "puts", members), puts.first == "\""
        else { return nil }
        self.w = w
        self.acknowledgements = acknowledgements
        self.puts = puts.dropFirst().prefix { $0 != "\"" }.split(separator: " ")
    }

    var isBelowW: Bool { acknowledgements + 1 < w }

    private static func number(_ name: String, _ members: String) -> Int? {
        value(of: name, members).flatMap { Int($0.prefix { $0.isNumber }) }
    }

    /// What follows `"name":`. Ids have no quotes in them, so that no id can be taken for a name.
    private static func value(of name: String, _ members: String) -> Substring? {
        var rest = members[...]
        while let quote = rest.firstIndex(of: "\"") {
            rest = rest[rest.index(after: quote)...]
            guard rest.hasPrefix(name + "\"") else { continue }
            let after = rest.dropFirst(name.count + 1).drop { $0 == " " }
            if after.first == ":" { return after.dropFirst().drop { $0 == " " } }
        }
        return nil
    }
}

extension Narrator {
    func ackBelowW(_ finding: Finding) -> Story {
        let batch =
            finding.witness >= 0 ? subject.history.extras[Int(finding.witness)].flatMap(AcknowledgementBatch.init) : nil
        let (w, seen) = (batch?.w ?? 0, batch?.acknowledgements ?? 0)
        let others = seen == 0 ? "no other node" : seen == 1 ? "one other node" : "\(seen) other nodes"
        return Story(
            events: events(finding.value) + [finding.witness],
            message:
                "\(capital(label(finding.value))) was acknowledged to its client as held by W=\(w) nodes, but on the wire "
                + "\(others) had told its coordinator \(name(finding.node)) of a copy by then.")
    }
}
