import Foundation

/// What a measurement of changes of the ring is made of.
public struct MembershipPlan: Sendable, Hashable {
    public var keys = 10_000
    public var valueSize = 100
    public var clients = 16
    /// Puts in a hundred operations.
    public var putPercentage = 50
    /// Ring partitions, nodes at the beginning, and replicas of a key.
    public var ring = 256
    public var nodes = 5
    public let replicas = 3
    /// Seconds of load before, between and after the changes.
    public var duration = 5.0
    public var seed: UInt64 = 1
    public let bucket = "bench"

    public init() {}

    /// Why the plan cannot be carried out; nil when it can.
    public var objection: String? {
        if !(1...1_000).contains(clients) || !(0...100).contains(putPercentage) {
            return "clients: 1 to 1000; puts: 0 to 100 in a hundred operations"
        }
        if !(clients...1_000_000).contains(keys) || !(8...65_536).contains(valueSize) {
            return "keys: as many as clients, up to 1000000; value size: 8 to 65536 bytes"
        }
        if !(4...64).contains(nodes) || !(nodes...4_096).contains(ring) {
            return "nodes: 4 to 64; ring: as many partitions as nodes, up to 4096"
        }
        if !(0.5...600).contains(duration) { return "duration: 0.5 to 600 seconds" }
        return nil
    }
}

/// What was measured while the ring changed.
public struct MembershipReport: Sendable, Hashable, Codable {
    /// A stretch of time under load.
    public struct Phase: Sendable, Hashable, Codable {
        public var name: String
        public var seconds: Double
        public var operations: Int
        /// Attempts that failed, whichever node was asked.
        public var failed: Int
        /// Milliseconds.
        public var p50: Double, p99: Double, p999: Double, max: Double
    }

    /// A change of the ring.
    public struct Move: Sendable, Hashable, Codable {
        public var name: String
        /// Until all data had moved, and until nothing was left where it does not belong.
        public var seconds: Double
        /// Copies of keys that were fetched by those that became their homes.
        public var moved: Int
        /// Those that a former home sent besides, since a home lacked them.
        public var sent: Int
        /// Copies of keys that there are: keys, times replicas.
        public var copies: Int
        /// The least that can move: the share of the ring of the node that comes or goes.
        public var ideal: Double

        public var share: Double { Double(moved + sent) / Double(Swift.max(1, copies)) }
    }

    public var machine: Machine
    public var plan: String
    public var phases: [Phase] = []
    public var moves: [Move] = []
    /// Keys whose last acknowledged value was not found at the end, of the keys that were read.
    public var lost = 0
    public var read = 0
    /// Of the first that failed, if any did.
    public var firstFailure: String?

    public var failed: Int { phases.reduce(0) { $0 + $1.failed } }
    /// No operation failed and nothing was lost.
    public var isGood: Bool { failed == 0 && firstFailure == nil && lost == 0 && read > 0 }

    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Plain numbers and text, none of them infinite: there is nothing that cannot be encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    public var text: String {
        var lines = ["machine: \(machine.text)", "store:   \(plan)", ""]
        lines.append("phase              seconds  operations    ops/s  failed   p50 ms   p99 ms  p99.9 ms   max ms")
        for phase in phases {
            lines.append(
                phase.name.padding(toLength: 18, withPad: " ", startingAt: 0)
                    + String(
                        format: "%8.1f %11d %8.0f %7d %8.2f %8.2f %9.2f %8.2f", phase.seconds, phase.operations,
                        Double(phase.operations) / Swift.max(0.001, phase.seconds), phase.failed, phase.p50, phase.p99,
                        phase.p999, phase.max))
        }
        lines.append("")
        for move in moves {
            lines.append(
                "\(move.name): "
                    + String(
                        format: "%d of %d copies moved (%d fetched, %d sent by former homes), %.1f %%; ",
                        move.moved + move.sent, move.copies, move.moved, move.sent, move.share * 100)
                    + String(
                        format: "ideal 1/S: %.1f %%, %.2f times that; %.1f s", move.ideal * 100,
                        move.share / move.ideal, move.seconds))
        }
        lines.append(
            lost == 0
                ? "nothing lost: the last acknowledged value of each of \(read) keys was read from all its homes"
                : "LOST: the last acknowledged value of \(lost) of \(read) keys")
        lines.append(
            failed == 0 && firstFailure == nil
                ? "no operation failed"
                : "FAILED: \(failed) operations, the first with: \(firstFailure ?? "no word")")
        return lines.joined(separator: "\n")
    }
}
