/// Every key of a workload file: the parser takes the allowed keys from here, and `dyno run --help` its listing.
public enum WorkloadSchema {
    /// A key of a mapping.
    public struct Key: Sendable, Hashable {
        public var name: String
        /// The values that it takes.
        public var values: String
        /// What holds without it.
        public var byDefault: String
        public var meaning: String

        init(_ name: String, _ values: String, _ byDefault: String, _ meaning: String) {
            self.name = name
            self.values = values
            self.byDefault = byDefault
            self.meaning = meaning
        }
    }

    /// A mapping and its keys. The path of the top level is empty.
    public struct Section: Sendable, Hashable {
        public var path: String
        public var keys: [Key]
        var allowed: [String] { keys.map(\.name) }
    }

    /// All mappings, the top level first.
    public static let sections = [top, store, keys, mix, request, finalReads, fault, random, require]

    /// The listing of all keys as aligned text, for a terminal.
    public static func describe() -> String {
        var lines: [String] = []
        for section in sections {
            if !section.path.isEmpty { lines += ["", "\(section.path):"] }
            let widest = section.keys.map(\.name.count).max() ?? 0
            for key in section.keys {
                let padding = String(repeating: " ", count: widest - key.name.count)
                lines.append("  \(key.name)\(padding)  \(key.values) [\(key.byDefault)]")
                lines.append("  \(String(repeating: " ", count: widest))  \(key.meaning)")
            }
        }
        return lines.joined(separator: "\n")
    }

    static let top = Section(
        path: "",
        keys: [
            Key("name", "letters, digits, `-`, `_`, `.`", "the file's name", "the name of the run"),
            Key("store", "mapping", "see store", "the store on the bench"),
            Key("clients", "1…10000", "16", "client processes at work at the same time"),
            Key("client", "any-node, ring-aware", "any-node", "ring-aware clients speak to a home of each key"),
            Key("operations", "1…100000000", "10000", "client operations until the load ends; not with `duration`"),
            Key("duration", "100ms…24h", "none", "how long the load lasts; not with `operations`"),
            Key("rate", "1…1000000", "none", "most operations begun in a second, over all clients"),
            Key("keys", "mapping", "see keys", "the keys and how often each is touched"),
            Key("mix", "mapping", "see mix", "the kinds of operation"),
            Key("value-size", "24…1048576", "100", "bytes of a written value"),
            Key("merge", "register, cart", "register", "what a client writes after it read siblings"),
            Key("request", "mapping", "none", "quorums sent with each request"),
            Key("client-timeout", "10ms…10m", "3s", "how long a client waits for an answer"),
            Key(
                "network", "auto, namespaces, relay", "auto",
                "namespaces of the run's own; or connections relayed by dyno; auto: the first where the kernel gives it"
            ),
            Key("faults", "list", "none", "what is done to the nodes and the network"),
            Key("random", "mapping", "none", "faults at times that are drawn from the seed"),
            Key("final-reads", "mapping", "see final-reads", "the reads after the store was healed"),
            Key("settle", "0s…1h", "0s", "how long the load goes on after the last planned fault was undone"),
            Key("converge-within", "100ms…1h", "30s", "how long the healed store may take until replicas agree"),
            Key(
                "checkers",
                "list of siblings, causality, durability, convergence, session, linearizable, availability, staleness, "
                    + "causal, cart", "the first four",
                "which checkers decide"),
            Key("require", "mapping", "none", "counts to reach, else the verdict is unknown"),
            Key("seed", "0…18446744073709551615", "1", "what every random choice of the run is drawn from"),
            Key("capture-limit", "0…10000000000", "64000000", "most bytes of `capture.pcap.gz`; 0: no such file"),
        ])

    static let store = Section(
        path: "store",
        keys: [
            Key("kind", "dynamo", "dynamo", "which store"),
            Key("nodes", "1…64", "5", "how many nodes: n1, n2, …"),
            Key("n", "1…nodes", "3, or nodes if fewer", "replicas of a key"),
            Key("r", "1…n", "2, or n if less", "replicas that a read waits for"),
            Key("w", "1…n", "2, or n if less", "replicas that a write waits for"),
            Key("ring", "nodes…4096", "64", "ring partitions"),
            Key("anti-entropy", "on, off", "on", "Merkle exchange between replicas"),
            Key("hinted-handoff", "on, off", "on", "hints kept by fallbacks for an absent home"),
            Key("read-repair", "on, off", "on", "stale replicas seen by a read are mended"),
            Key("sloppy-quorum", "on, off", "on", "fallbacks count for R and W"),
            Key(
                "clocks", "dotted, vector", "dotted",
                "dotted version vectors, or the paper's node and counter lists, which lose writes"),
            Key("truncate", "1…1000", "10", "entries of such a list beyond which the oldest are dropped"),
            Key("storage", "sqlite, memory", "sqlite", "on disk, or in memory, which no restart survives"),
            Key("request-timeout", "10ms…10m", "2s", "how long a coordinator works on a request"),
            Key("zones", "a list of names, one a node", "none", "the data centre of each node"),
            Key(
                "weights", "a list of numbers, one a node", "1 each",
                "each node's share of the ring, relative to the others"),
        ])

    static let keys = Section(
        path: "keys",
        keys: [
            Key("count", "1…1000000", "100", "distinct keys"),
            Key("distribution", "uniform, zipf(S) with 0 < S ≤ 5", "uniform", "how often each key is chosen"),
        ])

    static let mix = Section(
        path: "mix",
        keys: [
            Key("get", "0…1000000", "50; 0 when mix is given", "weight of reads"),
            Key("put", "0…1000000", "45; 0 when mix is given", "weight of writes"),
            Key("delete", "0…1000000", "5; 0 when mix is given", "weight of deletes"),
            Key("blind", "0%…100%", "10%; 0% when mix is given", "share of the puts that pass back no context"),
        ])

    static let request = Section(
        path: "request",
        keys: [
            Key("r", "1…n", "the store's", "r sent with each get of the load"),
            Key("w", "1…n", "the store's", "w sent with each put and delete"),
        ])

    static let finalReads = Section(
        path: "final-reads",
        keys: [Key("r", "1…n", "n", "replicas that a final read waits for")])

    static let someNodes =
        "home, home(KEY), homes, homes(KEY), coordinator, fallback, recovered, random, minority, majority, all, zone(NAME), a node's name"

    static let fault = Section(
        path: "faults",
        keys: [
            Key("kill", someNodes, "none", "SIGKILL; started again when the fault ends"),
            Key("pause", someNodes, "none", "SIGSTOP; SIGCONT when the fault ends"),
            Key(
                "restart", "rolling, storm", "none",
                "every node in turn: SIGTERM, and started again; storm: all killed, and started again at once"),
            Key(
                "power-loss", someNodes, "none",
                "what was not synced to disk is gone (needs root); started again when the fault ends"),
            Key("oom", someNodes, "none", "the kernel kills it for want of memory (needs control groups)"),
            Key("throttle", "1%…100%", "none", "the share of a processor that it may use (needs control groups)"),
            Key(
                "partition", "halves, majority, majorities-ring, bridge, zones, isolate, a list of lists of nodes",
                "none",
                "no traffic between the sides"),
            Key("cut", "a list of links such as [n1->n2]", "none", "no traffic in these directions"),
            Key("loss", "1%…100%", "none", "packets lost on the target's links"),
            Key("delay", "0s…1m", "none", "how much later packets arrive on the target's links"),
            Key("jitter", "0s…1m", "0s", "up to how much more, drawn for each packet"),
            Key("reorder", "1%…100%", "none", "packets overtaken by those behind them on the target's links"),
            Key("duplicate", "1%…100%", "none", "packets that arrive twice on the target's links"),
            Key("rate-limit", "1000…1000000000", "none", "bytes a second that pass each of the target's links"),
            Key("reset", someNodes, "none", "every TCP segment between it and the others is answered with a reset"),
            Key("half-open", someNodes, "none", "connections can be made, but nothing sent over them arrives"),
            Key("clock", "ahead, behind, fast, slow, strobe", "none", "the target's wall clock is wrong"),
            Key(
                "by", "1ms…24h; 1…1000000 for fast and slow", "60s; 500; 5s for strobe", "how wrong; fast and slow: ppm"
            ),
            Key("period", "2ms…1h", "100ms", "how often a strobing clock jumps"),
            Key("disk", "full, slow, error, read-only", "none", "the target's disk fails"),
            Key("latency", "1ms…1m", "50ms", "what a slow disk adds to each write and sync"),
            Key(
                "damage", "wipe, rot, truncate", "none",
                "the target is killed, its files suffer, and it is started again when the fault ends"),
            Key("join", "the next node's name", "none", "a new node joins the ring; with at, without for"),
            Key("leave", someNodes, "none", "a node hands everything over and leaves the ring"),
            Key("replace", someNodes, "none", "a node is killed for ever; `with` takes its place"),
            Key("with", "the next node's name", "none", "who takes the place"),
            Key("target", someNodes, "random", "who suffers, where the fault's own key does not say"),
            Key("direction", "in, out, both", "both", "which way packets of the target suffer"),
            Key(
                "links", "a list of links such as [n1->n2]", "none",
                "the links that suffer, in place of target and direction (reset and half-open then say `links`)"),
            Key("clients", "reachable, cut", "reachable", "whether clients still reach every node of a partition"),
            Key("at", "0s…24h", "none", "when it begins, from the begin of the load; not with `every`"),
            Key("every", "100ms…24h", "none", "begins again and again; not with `at`"),
            Key("from", "0s…24h", "the value of `every`", "when the first of `every` begins"),
            Key("count", "1…100000", "until the load ends", "how many of `every`"),
            Key("for", "10ms…1h", "required", "how long each lasts"),
            Key("weight", "1…1000", "1", "in random.faults only: how often it is chosen, relative to the others"),
        ])

    static let random = Section(
        path: "random",
        keys: [
            Key("faults", "list", "required", "faults as above, without times; each may have a weight"),
            Key(
                "mean-interval", "100ms…1h", "2s", "from one begin to the next, on average (exponentially distributed)"),
            Key("shortest", "10ms…1h", "500ms", "the least that a fault lasts whose `for` does not say it"),
            Key("longest", "10ms…1h", "3s", "the most that such a fault lasts; drawn evenly in between"),
            Key("overlap", "1…100", "2", "faults in force at the same time, at most"),
            Key("from", "0s…24h", "1s", "when the first may begin"),
            Key("until", "0s…24h", "the `duration` of the load", "when the last has ended"),
            Key("swarm", "on, off", "off", "each run leaves some of the faults out and turns others up"),
        ])

    static let require = Section(
        path: "require",
        keys: Requirement.allCases.map { Key($0.rawValue, "1…1000000000", "none", $0.meaning) })
}
