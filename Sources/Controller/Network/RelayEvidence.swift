import Foundation
import Nemesis
import Synchronization
import Wire
import Workload

/// What a relay saw and did on each link: it carries every byte between the nodes, and so is its own witness.
final class RelayEvidence: LinkEvidence {
    /// Of one direction between two nodes. Times are nanoseconds since the run began.
    private struct Record {
        /// Pieces as they were read from the sender and as they were given to the receiver.
        var sent = LinkTraffic()
        var delivered = LinkTraffic()
        /// Of shaped links: when a piece was delivered, how long the relay had it, and its bytes.
        var shaped: [(time: Int64, delay: Int64, bytes: Int)] = []
        var swallowed = LinkTraffic()
        var resets: [Int64] = []
    }

    private let records = Mutex<[DirectedLink: Record]>([:])

    private func change(_ link: DirectedLink, _ body: (inout Record) -> Void) {
        guard link.from != RelayRules.clients, link.to != RelayRules.clients else { return }
        records.withLock { body(&$0[link, default: Record()]) }
    }

    func sent(_ link: DirectedLink, _ bytes: Int, at time: Int64) {
        change(link) { $0.sent.add(time: time, bytes: bytes) }
    }

    func delivered(_ link: DirectedLink, _ bytes: Int, at time: Int64, delay: Int64, isShaped: Bool) {
        change(link) { record in
            record.delivered.add(time: time, bytes: bytes)
            if isShaped { record.shaped.append((time, delay, bytes)) }
        }
    }

    func swallowed(_ link: DirectedLink, _ bytes: Int, at time: Int64) {
        change(link) { $0.swallowed.add(time: time, bytes: bytes) }
    }

    func reset(_ link: DirectedLink, at time: Int64) { change(link) { $0.resets.append(time) } }

    // MARK: - Proofs

    func stop() -> String? { nil }

    func totals() -> (packets: Int, bytes: Int) {
        records.withLock { $0.values.reduce((0, 0)) { ($0.0 + $1.delivered.packets, $0.1 + $1.delivered.bytes) } }
    }

    func proof(ofCut links: [DirectedLink], start: Int64, end: Int64) -> LinkProof {
        records.withLock { records in
            var (stopped, through) = (0, 0)
            var (before, after): (Int64?, Int64?) = (nil, nil)
            for link in links {
                guard let record = records[link] else { continue }
                stopped += record.sent.packets(after: start, before: end)
                through += record.delivered.packets(after: start, before: end)
                if let time = record.delivered.last(before: start) { before = max(before ?? time, time) }
                if let time = record.delivered.first(after: end) { after = min(after ?? time, time) }
            }
            var sentence = "the relay held \(stopped) pieces that were sent across the cut and let none through"
            if through > 0 { sentence = "the relay let \(through) pieces through the cut" }
            if stopped == 0 { sentence = "nothing was sent across the cut, so that nothing shows that it was there" }
            return LinkProof(
                isProven: stopped > 0 && through == 0, sentence: sentence, stopped: stopped, lastBefore: before,
                firstAfter: after)
        }
    }

    func proof(of trouble: LinkTrouble, on links: [DirectedLink], start: Int64, end: Int64) -> LinkProof {
        let records = records.withLock { records in links.compactMap { records[$0] } }
        switch trouble {
        case .reset:
            let resets = records.reduce(0) { $0 + $1.resets.count { $0 >= start && $0 <= end } }
            return LinkProof(isProven: resets > 0, sentence: "the relay reset \(resets) connections")
        case .halfOpen:
            let pieces = records.reduce(0) { $0 + $1.swallowed.packets(after: start, before: end) }
            let through = records.reduce(0) { $0 + $1.delivered.packets(after: start, before: end) }
            return LinkProof(
                isProven: pieces > 0 && through == 0,
                sentence: "the relay swallowed \(pieces) pieces and let \(through) through")
        case .delay(let delay, _): return proof(ofDelay: delay, records, start, end)
        case .rate(let limit): return proof(ofRate: limit, records, start, end)
        case .loss, .reorder, .duplicate:
            return LinkProof(isProven: false, sentence: "a relay of streams cannot do that")
        }
    }

    private func proof(ofDelay delay: Duration, _ records: [Record], _ start: Int64, _ end: Int64) -> LinkProof {
        let delays = records.flatMap(\.shaped).filter { $0.time - $0.delay > start && $0.time < end }.map(\.delay)
        guard let least = delays.min(), let most = delays.max() else {
            return LinkProof(isProven: false, sentence: "nothing was sent on the links and arrived")
        }
        return LinkProof(
            isProven: least >= Int64(delay / .nanoseconds(1)),
            sentence: String(
                format: "the relay kept %d pieces back for %.2f to %.2f ms", delays.count, Double(least) / 1e6,
                Double(most) / 1e6))
    }

    private func proof(ofRate limit: Int, _ records: [Record], _ start: Int64, _ end: Int64) -> LinkProof {
        var (fastest, waited): (Int, Int64) = (0, 0)
        for record in records {
            let inTime = record.shaped.filter { $0.time > start && $0.time < end }
            let bytes = inTime.reduce(0) { $0 + $1.bytes }
            fastest = max(fastest, Int(Double(bytes) * 1e9 / Double(max(1, end - start))))
            waited = max(waited, inTime.map(\.delay).max() ?? 0)
        }
        return LinkProof(
            isProven: waited > 1_000_000 && fastest <= limit + limit / 10,
            sentence:
                "at most \(fastest) bytes a second passed a link, and pieces waited up to \(waited / 1_000_000) ms")
    }
}
