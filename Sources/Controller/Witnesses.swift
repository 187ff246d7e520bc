import History
import Nemesis
import Wire

/// Writes into the history what shows that each fault was real: for a kill or a pause the kernel's word, for a partition the capture's.
struct Witnesses {
    let capture: PacketCapture
    let recorder: Recorder

    /// A `witness` event of a history: read by the `exercise` check.
    private struct Form: Encodable {
        struct Value: Encodable {
            var fault: String
            var nodes: [String]?
            var groups: [[String]]?
            var begin: Int64
            var end: Int64
            var effectNanoseconds: Int64
            var proven: Bool
            var sentence: String
            var packetsStopped: Int?
            var lastBefore: Int64?
            var firstAfter: Int64?

            enum CodingKeys: String, CodingKey {
                case fault, nodes, groups, begin, end, proven, sentence
                case effectNanoseconds = "effect_ns"
                case packetsStopped = "packets_stopped"
                case lastBefore = "last_before"
                case firstAfter = "first_after"
            }
        }
        var value: Value
    }

    func record(_ faults: [FaultReport], crashes: [(node: String, ending: NodeProcess.Ending)], problem: String?) {
        let dropped = capture.stop()
        for fault in faults.sorted(by: { $0.begin < $1.begin }) { record(value(of: fault, dropped: dropped)) }
        for crash in crashes {
            let now = recorder.now
            record(
                Form.Value(
                    fault: "crash", nodes: [crash.node], begin: now, end: now, effectNanoseconds: 0, proven: false,
                    sentence: "\(crash.node) ended by itself (\(Self.words(crash.ending))); its log tells why"))
        }
    }

    private func value(of fault: FaultReport, dropped: Int) -> Form.Value {
        var value = Form.Value(
            fault: fault.name, begin: fault.begin, end: fault.end, effectNanoseconds: fault.effectTime,
            proven: fault.failure == nil, sentence: fault.failure ?? "")
        if fault.groups.isEmpty {
            value.nodes = fault.nodes
            if fault.failure == nil {
                value.sentence =
                    "the kernel reported \(fault.nodes.joined(separator: ", ")) as \(Self.effect(fault.name))"
            }
            return value
        }
        value.groups = fault.groups
        let witness = capture.witness(cut: fault.cuts.map { ($0.from, $0.to) }, start: fault.begin, end: fault.end)
        value.packetsStopped = witness.attempted
        value.lastBefore = witness.lastBefore
        value.firstAfter = witness.firstAfter
        if fault.failure == nil {
            value.proven = witness.isProven && dropped == 0
            value.sentence = dropped == 0 ? witness.sentence : "the capture lost \(dropped) packets and proves nothing"
        }
        return value
    }

    private func record(_ value: Form.Value) {
        var draft = EventDraft(0, .controller, .info, .other)
        draft.name = "witness"
        draft.extras = RunHeader.members(Form(value: value))
        recorder.record(draft)
    }

    private static func effect(_ name: String) -> String { name == "kill" ? "ended" : "stopped" }

    private static func words(_ ending: NodeProcess.Ending) -> String {
        switch ending {
        case .exited(let code): "exit status \(code)"
        case .killed(let signal): "signal \(signal)"
        }
    }
}
