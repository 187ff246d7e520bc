import History
import Nemesis
import Wire

/// Writes into the history what shows that each fault was real: for a kill or a pause the kernel's word, for a partition the capture's.
struct Witnesses {
    let evidence: any LinkEvidence
    let recorder: Recorder

    /// A `witness` event of a history: read by the `exercise` check.
    private struct Form: Encodable {
        struct Value: Encodable {
            var fault: String
            /// The fault in the words of a workload file, with its targets, for a schedule; nil: not the nemesis's doing.
            var line: String?
            var nodes: [String]?
            var groups: [[String]]?
            /// Pairs: from, to.
            var links: [[String]]?
            /// When the fault was called for, was there, was called off and was gone.
            var call: Int64
            var begin: Int64
            var end: Int64
            var gone: Int64
            var effectNanoseconds: Int64
            /// How its targets were found.
            var drawn: String?
            var proven: Bool
            var sentence: String
            var packetsStopped: Int?
            var lastBefore: Int64?
            var firstAfter: Int64?
            var achieved: Achieved?

            enum CodingKeys: String, CodingKey {
                case fault, line, nodes, groups, links, call, begin, end, gone, drawn, proven, sentence, achieved
                case effectNanoseconds = "effect_ns"
                case packetsStopped = "packets_stopped"
                case lastBefore = "last_before"
                case firstAfter = "first_after"
            }
        }
        var value: Value
    }

    /// What trouble on links came to, over all packets sent while it was in force; delays in nanoseconds.
    private struct Achieved: Encodable {
        var sent: Int
        var lost: Int
        var duplicated: Int
        var overtaken: Int
        var leastDelay: Int64?
        var meanDelay: Int64?
        var mostDelay: Int64?

        init(_ counts: LinkProbe.Counts) {
            (sent, lost, duplicated, overtaken) = (counts.sent, counts.lost, counts.duplicated, counts.overtaken)
            guard counts.timed > 0 else { return }
            leastDelay = counts.leastDelay
            meanDelay = counts.meanDelay
            mostDelay = counts.mostDelay
        }

        enum CodingKeys: String, CodingKey {
            case sent, lost, duplicated, overtaken
            case leastDelay = "least_delay_ns"
            case meanDelay = "mean_delay_ns"
            case mostDelay = "most_delay_ns"
        }
    }

    func record(_ faults: [FaultReport], crashes: [(node: String, ending: NodeProcess.Ending)], problem: String?) {
        let blindness = evidence.stop()
        for fault in faults.sorted(by: { $0.begin < $1.begin }) { record(value(of: fault, blindness)) }
        for crash in crashes {
            let now = recorder.now
            record(
                Form.Value(
                    fault: "crash", nodes: [crash.node], call: now, begin: now, end: now, gone: now,
                    effectNanoseconds: 0,
                    proven: false,
                    sentence: "\(crash.node) ended by itself (\(Self.words(crash.ending))); its log tells why"))
        }
    }

    /// Whether a fault is proven, and by what, in a sentence; for a display. The evidence is not ended by this.
    func judge(_ fault: FaultReport) -> (proven: Bool, sentence: String) {
        let value = value(of: fault, nil)
        return (value.proven, value.sentence)
    }

    private func value(of fault: FaultReport, _ blindness: String?) -> Form.Value {
        var value = Form.Value(
            fault: fault.name, line: fault.deed.line, call: fault.call, begin: fault.begin, end: fault.end,
            gone: fault.gone,
            effectNanoseconds: fault.begin - fault.call, drawn: fault.drawn, proven: fault.failure == nil,
            sentence: fault.failure ?? fault.seen.joined(separator: "; "))
        if !fault.deed.nodes.isEmpty { value.nodes = fault.deed.nodes }
        if !fault.groups.isEmpty { value.groups = fault.groups }
        if !fault.deed.links.isEmpty { value.links = fault.deed.links.map { [$0.from, $0.to] } }
        guard fault.failure == nil else { return value }
        switch fault.deed {
        case .kill(let nodes): value.sentence = "the kernel reported \(nodes.joined(separator: ", ")) as ended"
        case .pause(let nodes): value.sentence = "the kernel reported \(nodes.joined(separator: ", ")) as stopped"
        case .partition, .cut:
            let proof = evidence.proof(ofCut: fault.deed.links, start: fault.begin, end: fault.end)
            value.packetsStopped = proof.stopped
            value.lastBefore = proof.lastBefore
            value.firstAfter = proof.firstAfter
            (value.proven, value.sentence) = (proof.isProven, proof.sentence)
        case .trouble(let trouble, let links):
            let proof = evidence.proof(of: trouble, on: links, start: fault.begin, end: fault.end)
            value.achieved = proof.counts.map(Achieved.init)
            (value.proven, value.sentence) = (proof.isProven, proof.sentence)
        case .rollingRestart, .powerLoss, .outOfMemory, .throttle, .clock, .disk, .damage, .join, .leave, .replace:
            return value
        }
        if let blindness, !fault.deed.links.isEmpty { (value.proven, value.sentence) = (false, blindness) }
        return value
    }

    private func record(_ value: Form.Value) {
        var draft = EventDraft(0, .controller, .info, .other)
        draft.name = "witness"
        draft.extras = RunHeader.members(Form(value: value))
        recorder.record(draft)
    }

    private static func words(_ ending: NodeProcess.Ending) -> String {
        switch ending {
        case .exited(let code): "exit status \(code)"
        case .killed(let signal): "signal \(signal)"
        }
    }
}
