import Dynamo
import Foundation

/// The status of a store as one node sees it, as JSON over HTTP and as a table on a terminal.
struct StatusReport: Codable, Hashable {
    struct Row: Codable, Hashable {
        var name: String
        var address: String
        var zone: String
        var weight: Int
        /// Of the ring, now and once all changes are completed; in percent.
        var share: Double
        var shareToBe: Double
        /// See ``MembershipStatus/Standing``.
        var state: String
        /// What it has yet to do: `fetching`, `handing over`, or nothing.
        var task: String
        var reachable: Bool
        var incarnation: UInt64?
        /// As the member told last: ring partitions that it has yet to fetch, objects that it has yet to hand over, and
        /// hints that it holds for others.
        var partitionsToFetch: Int, surplus: Int, hints: Int
    }

    /// The node that was asked.
    var node: String
    var partitions: Int
    var members: [Row]
    var pendingChanges: Int
    /// Of the node that was asked.
    var partitionsToFetch: Int
    var partitionsGained: Int
    var keysFetched: Int
    var surplus: Int
    var hints: [String: Int]
    /// Changes of the membership since the store was founded, and the most that its log can hold: it is kept for ever, and
    /// full it takes no more.
    var changes: Int, changesLimit: Int
    /// Nothing is pending anywhere, as far as the node that was asked knows, and it holds no hints.
    var settled: Bool

    init(_ replica: ReplicaLoop) {
        let status = replica.membershipStatus
        func percent(_ count: Int) -> Double { Double(count * 1_000 / status.partitions) / 10 }
        node = replica.configuration.node
        partitions = status.partitions
        members = status.rows.map { row in
            Row(
                name: row.member.name, address: row.member.address, zone: row.member.zone, weight: row.member.weight,
                share: percent(row.partitions), shareToBe: percent(row.partitionsToBe), state: row.standing.rawValue,
                task: row.isFetching ? "fetching" : row.isHandingOver ? "handing over" : "",
                reachable: row.isReachable, incarnation: row.incarnation,
                partitionsToFetch: row.backlog.partitions, surplus: row.backlog.surplus, hints: row.backlog.hints)
        }
        pendingChanges = status.pending.count
        partitionsToFetch = status.partitionsToFetch
        partitionsGained = status.partitionsGained
        keysFetched = status.keysFetched
        surplus = status.surplus
        // Counts that cannot be read now count as something.
        hints = (try? replica.store.hintCounts()) ?? ["?": 1]
        changes = status.changes
        changesLimit = status.changesLimit
        // Hints of others come and go while clients work: they are the business of whoever stops those nodes.
        let isBusy = members.contains { $0.reachable && $0.partitionsToFetch + $0.surplus > 0 }
        settled = status.isSettled && hints.isEmpty && !isBusy
    }

    func encoded() -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let data = try? encoder.encode(self) else { return [] }
        return Array(data) + [UInt8(ascii: "\n")]
    }

    init(decoding bytes: [UInt8]) throws { self = try JSONDecoder().decode(StatusReport.self, from: Data(bytes)) }

    // MARK: On a terminal

    /// A table of the members, then what is under way.
    var table: String {
        let header = ["member", "address", "zone", "weight", "ring", "state", "reachable", "incarnation"]
        let rows = members.map { row in
            let moves = row.share != row.shareToBe
            let state = row.state == "gone" ? "left: may be stopped" : row.state
            return [
                row.name, row.address, row.zone.isEmpty ? "-" : row.zone, "\(row.weight)",
                moves ? "\(row.share)% -> \(row.shareToBe)%" : "\(row.share)%",
                row.task.isEmpty ? state : "\(state), \(row.task)", row.reachable ? "yes" : "no",
                row.incarnation.map { "\($0)" } ?? "-",
            ]
        }
        let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
        var text = ([header] + rows).map { row in
            zip(row, widths).map { $0 + String(repeating: " ", count: $1 - $0.count) }.joined(separator: "  ")
                .trimmingCharacters(in: .whitespaces)
        }.joined(separator: "\n")
        text += "\n\n" + (settled ? "settled: nothing is pending" : progress.joined(separator: "\n")) + "\n"
        if changes * 4 >= changesLimit * 3 {
            text += "the membership has been changed \(changes) times of the \(changesLimit) that its log can hold: "
            text += "found a new store and copy what this one holds before it is full\n"
        }
        return text
    }

    private var progress: [String] {
        var lines: [String] = []
        if pendingChanges > 0 { lines.append("changes not completed: \(pendingChanges)") }
        if partitionsGained > 0 {
            lines.append(
                "\(node) has yet to fetch \(partitionsToFetch) of \(partitionsGained) ring partitions; "
                    + "\(keysFetched) keys so far")
        }
        if surplus > 0 { lines.append("\(node) has yet to hand over \(surplus) objects") }
        for (home, count) in hints.sorted(by: { $0.key < $1.key }) {
            lines.append("\(node) holds \(count) hints for \(home)")
        }
        for row in members where row.name != node && row.reachable {
            if row.partitionsToFetch > 0 {
                lines.append("\(row.name) has yet to fetch \(row.partitionsToFetch) ring partitions")
            }
            if row.surplus > 0 { lines.append("\(row.name) has yet to hand over \(row.surplus) objects") }
            if row.hints > 0 { lines.append("\(row.name) holds \(row.hints) hints") }
        }
        return lines.isEmpty ? ["others are at work: see above"] : lines
    }
}
