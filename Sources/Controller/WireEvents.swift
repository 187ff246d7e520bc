import Foundation
import History
import Wire

/// Writes into the history what the capture read on the wire, so that an offline check decides on it as the run did.
///
/// `acks` events name the puts and deletes whose acknowledgement was judged: those with the same coordinator, W and number of replica
/// acknowledgements before theirs go into one, a few bytes each. One `wire` event at the end holds every count.
struct WireEvents: Sendable {
    let capture: PacketCapture
    let recorder: Recorder

    /// Ids in one event.
    private static let most = 500

    private struct Group: Hashable {
        var coordinator: String
        var w: Int
        var acknowledgements: Int
    }

    private struct WireForm: Encodable {
        var value: WireReport
    }

    /// Writes what was decided since the last time; at the end, once the capture has stopped, everything.
    func flush(atEnd: Bool) {
        var groups: [Group: [String]] = [:]
        for put in capture.takeAcknowledged(atEnd: atEnd) where Self.isPlain(put.id) {
            let group = Group(coordinator: put.coordinator, w: put.w, acknowledgements: put.acknowledgements)
            groups[group, default: []].append(put.id)
        }
        let order = groups.keys.sorted {
            ($0.coordinator, $0.w, $0.acknowledgements) < ($1.coordinator, $1.w, $1.acknowledgements)
        }
        for group in order {
            let ids = groups[group] ?? []
            for start in stride(from: 0, to: ids.count, by: Self.most) {
                record(group, ids[start..<min(ids.count, start + Self.most)])
            }
        }
    }

    /// Writes all that is left, once the capture has stopped.
    func finish() {
        flush(atEnd: true)
        guard let report = capture.report else { return }
        var draft = EventDraft(0, .controller, .info, .other)
        draft.name = "wire"
        draft.extras = RunHeader.members(WireForm(value: report))
        recorder.record(draft)
    }

    /// Says what of the capture file is missing, if anything is.
    func say(to progress: RunProgress) {
        guard let file = capture.fileState else { return }
        if let failure = file.failure { progress.say("the capture file ends early: \(failure)") }
        if file.leftOut > 0 {
            progress.say(
                "\(file.leftOut) packets are not in the capture file, which has \(file.bytes) bytes (capture-limit)")
        }
    }

    private func record(_ group: Group, _ ids: ArraySlice<String>) {
        var draft = EventDraft(0, .controller, .info, .other)
        draft.name = "acks"
        draft.node = group.coordinator
        draft.extras = "\"w\":\(group.w),\"acks\":\(group.acknowledgements),\"puts\":\"\(ids.joined(separator: " "))\""
        recorder.record(draft)
    }

    /// Whether an id can stand in a list with spaces between, as every id of ours can; one that cannot is left out.
    private static func isPlain(_ id: String) -> Bool {
        !id.isEmpty
            && id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }
    }
}
