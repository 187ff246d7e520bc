import Workload

/// Workloads of each fault alone, or of each pair of faults, for short runs: what `dyno torture --faults` carries out.
public enum FaultMatrix {
    public enum Kind: String, Sendable, CaseIterable {
        case singles, pairs
    }

    /// A fault of the matrix: its name there, and its words in a workload file.
    struct Entry: Sendable {
        var name: String
        var line: String
        var needsRoot = false
        /// Takes every process that is free: two of the kind can only follow each other.
        var takesAll = false
    }

    static let entries = [
        Entry(name: "kill", line: "kill: home"), Entry(name: "pause", line: "pause: coordinator"),
        Entry(name: "power-loss", line: "power-loss: random", needsRoot: true),
        Entry(name: "oom", line: "oom: random", needsRoot: true),
        Entry(name: "throttle", line: "throttle: 2%, target: coordinator", needsRoot: true),
        Entry(name: "halves", line: "partition: halves"),
        Entry(name: "isolate", line: "partition: isolate, target: home"),
        Entry(name: "ring", line: "partition: majorities-ring"),
        Entry(name: "one-way", line: "partition: isolate, target: home, direction: in"),
        Entry(name: "loss", line: "loss: 20%, target: random"),
        Entry(name: "delay", line: "delay: 30ms, jitter: 20ms, target: random"),
        Entry(name: "reorder", line: "reorder: 20%, target: random"),
        Entry(name: "duplicate", line: "duplicate: 20%, target: random"),
        Entry(name: "rate-limit", line: "rate-limit: 40000, target: random"),
        Entry(name: "reset", line: "reset: random"),
        Entry(name: "half-open", line: "half-open: random"),
        Entry(name: "clock-ahead", line: "clock: ahead, by: 1h, target: random"),
        Entry(name: "strobe", line: "clock: strobe, target: random"),
        Entry(name: "disk-full", line: "disk: full, target: random"),
        Entry(name: "disk-slow", line: "disk: slow, target: random"),
        Entry(name: "disk-error", line: "disk: error, target: random"),
        Entry(name: "read-only", line: "disk: read-only, target: random"),
        Entry(name: "wipe", line: "damage: wipe, target: random"),
        Entry(name: "rot", line: "damage: rot, target: random"),
        Entry(name: "truncate", line: "damage: truncate, target: random"),
        // The last, and so the second of every pair: they take all nodes that no other fault has, and leave none to others.
        Entry(name: "rolling", line: "restart: rolling", takesAll: true),
        Entry(name: "storm", line: "restart: storm", takesAll: true),
    ]

    /// A workload of the matrix.
    public struct Case: Sendable, Hashable {
        public var name: String
        public var needsRoot: Bool
        public var text: String
    }

    /// All cases, in a fixed order.
    ///
    /// - Parameter only: of singles those with this name; of pairs those that have it on one side. Nil: all.
    public static func cases(_ kind: Kind, only: String? = nil) -> [Case] {
        switch kind {
        case .singles: return entries.filter { only == nil || $0.name == only }.map { make([$0]) }
        case .pairs:
            var cases: [Case] = []
            for (index, first) in entries.enumerated() {
                for second in entries[(index + 1)...]
                where only == nil || first.name == only || second.name == only {
                    cases.append(make([first, second]))
                }
            }
            return cases
        }
    }

    /// Two faults overlap by half. Durability is not asked for: it is `unknown` where no home was away, as under most of them.
    private static func make(_ faults: [Entry]) -> Case {
        let step = faults.allSatisfy(\.takesAll) ? 8_000 : 1_200
        let lines = faults.enumerated().map { index, fault in
            "  - { \(fault.line), at: \(1_000 + index * step)ms, for: 2400ms }"
        }
        let name = faults.map(\.name).joined(separator: "+")
        let text = """
            # \(name): a case of the matrix of faults.
            name: \(name.replacing("+", with: "_"))
            store: { kind: dynamo, nodes: 5, n: 3, r: 2, w: 2, ring: 64 }
            clients: 12
            duration: 6s
            rate: 350
            client-timeout: 2s
            keys: { count: 150, distribution: zipf(0.99) }
            mix: { get: 45, put: 50, delete: 5, blind: 20% }
            faults:
            \(lines.joined(separator: "\n"))
            converge-within: 30s
            checkers: [siblings, causality, convergence]
            require: { ok-operations: 100, faults-witnessed: \(faults.count) }
            seed: 1

            """
        return Case(name: name, needsRoot: faults.contains(where: \.needsRoot), text: text)
    }
}
