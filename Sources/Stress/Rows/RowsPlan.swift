import Foundation

/// What is measured with many rows: how many, and in how many two nodes are to differ.
public struct RowsPlan: Sendable, Hashable {
    public var keys = 1_000_000
    public var differing = 10
    public var valueSize = 100
    public var bucket = "rows"
    /// Seconds that an exchange may take.
    public var patience = 60.0

    public init() {}

    /// Why the plan cannot be carried out; nil when it can.
    public var objection: String? {
        if !(1...20_000_000).contains(keys) { return "keys: 1 to 20000000" }
        if !(1...min(keys, 10_000)).contains(differing) {
            return "differing: 1 to 10000, and no more than there are keys"
        }
        if !(1...65_536).contains(valueSize) { return "value size: 1 to 65536 bytes" }
        return nil
    }

    public static func name(of key: Int) -> [UInt8] { Array("row\(key)".utf8) }

    /// The keys that are written while one node is away: spread over all.
    public var changed: [Int] { (0..<differing).map { $0 * (keys / differing) } }
}

/// What was measured.
public struct RowsReport: Sendable, Hashable, Codable {
    public var machine: Machine
    public var keys: Int
    /// Seconds in which the rows were written to a node's files.
    public var fillSeconds: Double
    /// Megabytes of a node's files.
    public var fileMegabytes: Double
    /// Milliseconds from the start of a node's process until it served: without trees kept from a life before, and with.
    public var firstStartMilliseconds: Double
    public var startMilliseconds: Double
    /// Megabytes of memory: right after the start, and at the end.
    public var startMegabytes: Double
    public var finalMegabytes: Double
    /// Processor seconds of a node from its start until its trees were known: without trees kept, and with.
    public var firstTreesSeconds: Double
    public var treesSeconds: Double
    /// Of the keys that were written while one node was away: those that a Merkle exchange brought it.
    public var differing: Int
    /// From the start of that node's process until it had them, and from when it served.
    public var exchangeMilliseconds: Double
    public var exchangeMillisecondsServing: Double
    /// Bytes of exchange messages that both nodes sent meanwhile.
    public var exchangeBytes: Int

    public var json: String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        // Plain numbers and text, none of them infinite: there is nothing that cannot be encoded.
        return (try? encoder.encode(self)).map { String(decoding: $0, as: UTF8.self) } ?? "{}"
    }

    /// For a person.
    public var text: String {
        [
            "machine:  \(machine.text)",
            String(format: "rows:     %d, written in %.1f s, %.0f MB of files", keys, fillSeconds, fileMegabytes),
            String(
                format: "start:    %.0f ms after a clean end; %.0f ms without kept Merkle trees", startMilliseconds,
                firstStartMilliseconds),
            String(
                format: "trees:    %.2f s of processor until all are known after a clean end; %.2f s without kept ones",
                treesSeconds, firstTreesSeconds),
            String(format: "memory:   %.1f MB after the start, %.1f MB at the end", startMegabytes, finalMegabytes),
            String(
                format:
                    "exchange: %d keys differed; %d bytes on the wire, %.0f ms from the node's start, %.0f ms serving",
                differing, exchangeBytes, exchangeMilliseconds, exchangeMillisecondsServing),
        ].joined(separator: "\n")
    }
}
