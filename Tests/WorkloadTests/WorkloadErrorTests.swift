import Testing
import Workload

/// Every way to get a file wrong, with the exact sentence.
@Suite struct WorkloadErrorTests {
    struct Wrong: Sendable, CustomTestStringConvertible {
        var text: String
        var sentence: String
        var testDescription: String { sentence }
        init(_ text: String, _ sentence: String) {
            self.text = text
            self.sentence = sentence
        }
    }

    @Test(arguments: keys + values + random + faults + yaml)
    func sentence(_ wrong: Wrong) {
        #expect(
            performing: {
                try WorkloadFile.parse(text: wrong.text, file: "f.yml")
            },
            throws: { error in
                let sentence = (error as? WorkloadError)?.description ?? "\(error)"
                if sentence != wrong.sentence { Issue.record("got: \(sentence)") }
                return sentence == wrong.sentence
            })
    }

    static let keys = [
        Wrong(
            "name: a\n\ncleints: 3\n",
            "f.yml:3: unknown key \"cleints\"; did you mean \"clients\"? allowed: name, store, clients, client, "
                + "operations, duration, rate, keys, mix, value-size, merge, request, client-timeout, network, faults, "
                + "random, final-reads, settle, converge-within, checkers, require, seed, capture-limit"),
        Wrong(
            "store:\n  nodes: 3\n  wibble: 4\n",
            "f.yml:3: unknown key \"wibble\" in store; allowed: kind, nodes, n, r, w, ring, anti-entropy, hinted-handoff, "
                + "read-repair, sloppy-quorum, clocks, truncate, storage, request-timeout, zones, weights"),
        Wrong(
            "store: { nodes: 3, zones: [a, b] }",
            "f.yml:1: store.zones must be a list of a name for each node, 3 in all"),
        Wrong(
            "store: { nodes: 2, weights: [1, 0] }",
            "f.yml:1: store.weights must be a list of a number from 1 to 1000 for each node, 2 in all"),
        Wrong(
            "keys: { [1]: 3 }", "f.yml:1: a key in keys must be a word, not a list; allowed: count, distribution"),
        Wrong("keys: 12", "f.yml:1: keys must be a mapping, not \"12\"; allowed keys: count, distribution"),
        Wrong("seed: 1\nclients: 2\nseed: 2\n", "f.yml:1: key \"seed\" is given more than once"),
        Wrong("seed: 1\n!x seed: 2\n", "f.yml:2: key \"seed\" is given more than once"),
        Wrong(
            "require: { kill: 3 }",
            "f.yml:1: unknown key \"kill\" in require; did you mean \"kills\"? allowed: operations, ok-operations, kills, "
                + "pauses, partitions, hints-stored, hints-delivered, acknowledged-while-home-down, keys-repaired, "
                + "siblings-seen, final-reads, faults-witnessed, "
                + "acknowledgements-judged"),
    ]

    static let values = [
        Wrong("\nclients: none\n", "f.yml:2: clients must be a whole number from 1 to 10000, not \"none\""),
        Wrong("clients: 0", "f.yml:1: clients must be a whole number from 1 to 10000, not \"0\""),
        Wrong("clients:", "f.yml:1: clients must be a whole number from 1 to 10000, not nothing"),
        Wrong("clients: [1]", "f.yml:1: clients must be a whole number from 1 to 10000, not a list"),
        Wrong("clients: \"3\"", "f.yml:1: clients must be a whole number from 1 to 10000, not \"3\""),
        Wrong(
            "operations: 99999999999999999999999999",
            "f.yml:1: operations must be a whole number from 1 to 100000000, not \"99999999999999999999999999\""),
        Wrong(
            "seed: \(String(repeating: "9", count: 50))",
            "f.yml:1: seed must be a whole number from 0 to 18446744073709551615, not "
                + "\"\(String(repeating: "9", count: 40))…\""),
        Wrong("seed: -1", "f.yml:1: seed must be a whole number from 0 to 18446744073709551615, not \"-1\""),
        Wrong(
            "operations: 5\nduration: 3s", "f.yml:2: duration and operations exclude each other; give one of them"),
        Wrong(
            "client-timeout: 3",
            "f.yml:1: client-timeout must be a duration from 10ms to 10m, such as 250ms, 3s or 2m, not \"3\""),
        Wrong(
            "duration: 9223372036854775807h",
            "f.yml:1: duration must be a duration from 100ms to 24h, such as 250ms, 3s or 2m, not \"9223372036854775807h\""
        ),
        Wrong("store:\n  n: 6", "f.yml:2: store.n must be a whole number from 1 to 5, not \"6\""),
        Wrong("store: { n: 2, r: 3 }", "f.yml:1: store.r must be a whole number from 1 to 2, not \"3\""),
        Wrong("store: { kind: riak }", "f.yml:1: store.kind must be one of dynamo, not \"riak\""),
        Wrong("store: { anti-entropy: yes }", "f.yml:1: store.anti-entropy must be one of on, off, not \"yes\""),
        Wrong("merge: carts", "f.yml:1: merge must be one of register, cart, not \"carts\"; did you mean \"cart\"?"),
        Wrong("mix: { get: 0 }", "f.yml:1: mix must give get, put or delete a weight above 0"),
        Wrong(
            "mix: { put: 1, blind: 20 }", "f.yml:1: mix.blind must be a whole percentage from 0% to 100%, not \"20\""),
        Wrong(
            "keys: { distribution: zipf(-1) }",
            "f.yml:1: keys.distribution must be uniform or zipf(S) with 0 < S ≤ 5, such as zipf(0.99), not \"zipf(-1)\""
        ),
        Wrong(
            "keys: { distribution: zipf(nan) }",
            "f.yml:1: keys.distribution must be uniform or zipf(S) with 0 < S ≤ 5, such as zipf(0.99), not \"zipf(nan)\""
        ),
        Wrong(
            "checkers: [siblings, sesion]",
            "f.yml:1: checkers must be one of siblings, causality, durability, convergence, session, linearizable, "
                + "availability, staleness, causal, cart, not \"sesion\"; "
                + "did you mean \"session\"?"),
        Wrong("checkers: [session, session]", "f.yml:1: checkers names session more than once"),
        Wrong("value-size: 23", "f.yml:1: value-size must be a whole number from 24 to 1048576, not \"23\""),
        Wrong(
            "name: ../../etc", "f.yml:1: name must be 1 to 64 letters, digits, -, _ and ., not beginning with a dot"),
    ]

    private static let kinds =
        "kill, pause, restart, power-loss, oom, throttle, partition, cut, loss, delay, reorder, duplicate, rate-limit, reset, half-open, clock, disk, damage, "
        + "join, leave, replace"
    private static let faultKeys =
        "kill, pause, restart, power-loss, oom, throttle, partition, cut, loss, delay, jitter, reorder, duplicate, rate-limit, reset, half-open, clock, by, "
        + "period, disk, latency, damage, join, leave, replace, with, target, direction, links, clients, at, every, from, count, "
        + "for, weight"

    static let random = [
        Wrong(
            "random: { faults: [{ kill: home }] }",
            "f.yml:1: random must say until when: until: 20s (a load counted in operations has no end in time)"),
        Wrong(
            "duration: 9s\nrandom:\n  faults:\n    - { kill: home, at: 3s }",
            "f.yml:4: random.faults[1].at does not go with random, which draws the times"),
        Wrong(
            "duration: 9s\nrandom: { faults: [{ join: n6 }] }",
            "f.yml:2: random.faults[1].join changes the ring for good and cannot be drawn again and again"),
        Wrong(
            "duration: 9s\nrandom: { faults: [] }",
            "f.yml:2: random.faults must list at least one fault, mappings such as { kill: home, weight: 3 }"),
        Wrong(
            "duration: 9s\nrandom: { shortest: 5s, longest: 2s, faults: [{ kill: home }] }",
            "f.yml:2: random.longest must not be less than shortest"),
        Wrong(
            "duration: 9s\nrandom: { from: 10s, faults: [{ kill: home }] }",
            "f.yml:2: random.until must be later than from"),
    ]

    static let faults = [
        Wrong(
            "faults:\n  - { kill: home, weight: 2, at: 1s, for: 2s }",
            "f.yml:2: faults[1].weight belongs to random.faults only"),
        Wrong(
            "faults:\n  - { loss: 5%, links: [n1->n2, n1->n6], at: 1s, for: 2s }",
            "f.yml:2: faults[1].links must be a list of links such as [n1->n2], each once, between n1, n2, n3, n4, n5, not "
                + "\"n1->n6\""),
        Wrong(
            "faults:\n  - { loss: 5%, links: [n1->n2], target: n1, at: 1s, for: 2s }",
            "f.yml:2: faults[1].target does not go with links, which name both ends"),
        Wrong(
            "faults:\n  - { reset: n1, links: [n1->n2], at: 1s, for: 2s }",
            "f.yml:2: faults[1].reset must be the word links where the key links names them"),
        Wrong(
            "faults:\n  - { loss: 0%, at: 1s, for: 2s }", "f.yml:2: faults[1].loss must be more than 0%"),
        Wrong(
            "faults:\n  - { loss: 5%, jitter: 2ms, at: 1s, for: 2s }",
            "f.yml:2: faults[1].jitter belongs to delay, not to loss"),
        Wrong(
            "faults:\n  - { clock: ahead, period: 1s, at: 1s, for: 2s }",
            "f.yml:2: faults[1].period belongs to clock: strobe only"),
        Wrong(
            "faults:\n  - { disk: full, latency: 1s, at: 1s, for: 2s }",
            "f.yml:2: faults[1].latency belongs to disk: slow only"),
        Wrong(
            "faults:\n  - { join: n5, at: 1s }",
            "f.yml:2: faults[1].join must name a node that the store does not begin with, such as n6"),
        Wrong(
            "faults:\n  - { kill: [n1, n1], at: 1s, for: 2s }",
            "f.yml:2: faults[1].kill must list some of n1, n2, n3, n4, n5, each once"),
        Wrong(
            "faults: { kill: home }",
            "f.yml:1: faults must be a list of mappings such as { kill: home, at: 5s, for: 2s }, not a mapping"),
        Wrong("faults:\n  - { at: 3s, for: 2s }", "f.yml:2: faults[1] must have one of \(kinds)"),
        Wrong(
            "faults:\n  - { kill: home, at: 3s, for: 2s }\n  - { kill: home, pause: n1, at: 3s, for: 2s }",
            "f.yml:3: faults[2] must have only one of \(kinds), not kill, pause"),
        Wrong(
            "faults:\n  - { kill: n6, at: 3s, for: 2s }",
            "f.yml:2: faults[1].kill must be one of home, homes, coordinator, fallback, recovered, random, minority, majority, all, n1, n2, n3, "
                + "n4, n5, not \"n6\""),
        Wrong("faults:\n  - { kill: home, for: 2s }", "f.yml:2: faults[1] must say when: at: 10s, or every: 3s"),
        Wrong(
            "faults:\n  - { kill: home, at: 1s, every: 2s, for: 2s }",
            "f.yml:2: faults[1] must have only one of at, every"),
        Wrong("faults:\n  - { kill: home, at: 1s }", "f.yml:2: faults[1] must say how long it lasts: for: 2s"),
        Wrong(
            "faults:\n  - kill: home\n    at: 1s\n    for: 1s\n    count: 3",
            "f.yml:5: faults[1].count belongs to every, not to at"),
        Wrong(
            "faults:\n  - { kill: home, clients: cut, at: 1s, for: 2s }",
            "f.yml:2: faults[1].clients belongs to partition, not to kill"),
        Wrong(
            "faults:\n  - { partition: halves, target: home, at: 1s, for: 2s }",
            "f.yml:2: faults[1].target belongs to partition: isolate only"),
        Wrong(
            "faults:\n  - { partition: zones, at: 1s, for: 2s }",
            "f.yml:2: faults[1].partition is zones, but the store has only one: give store.zones"),
        Wrong(
            "faults:\n  - { throttle: 0%, at: 1s, for: 2s }", "f.yml:2: faults[1].throttle must be more than 0%"),
        Wrong(
            "faults:\n  - { partition: thirds, at: 1s, for: 2s }",
            "f.yml:2: faults[1].partition must be one of halves, majority, majorities-ring, bridge, zones, isolate, or a list of "
                + "lists of nodes such as [[n1, n2], [n3]], not \"thirds\""),
        Wrong(
            "faults:\n  - { partition: [[n1, n2], [n2]], at: 1s, for: 2s }",
            "f.yml:2: faults[1].partition names n2 more than once"),
        Wrong(
            "faults:\n  - { partition: [[n1], [n9]], at: 1s, for: 2s }",
            "f.yml:2: faults[1].partition may only name n1, n2, n3, n4, n5, not \"n9\""),
        Wrong(
            "faults:\n  - { partition: [[n1, n2]], at: 1s, for: 2s }",
            "f.yml:2: faults[1].partition must have at least two sides"),
        Wrong(
            "faults:\n  - { partition: [[n1], []], at: 1s, for: 2s }",
            "f.yml:2: faults[1].partition must be a list of lists of nodes, with no side empty"),
        Wrong(
            "faults:\n  - { kil: home, at: 1s, for: 2s }",
            "f.yml:2: unknown key \"kil\" in faults[1]; did you mean \"kill\"? allowed: \(faultKeys)"),
        Wrong(
            "faults: [3]",
            "f.yml:1: faults[1] must be a mapping, not \"3\"; allowed keys: \(faultKeys)"),
    ]

    static let yaml = [
        Wrong("", "f.yml: is empty; a workload begins like: name: handoff"),
        Wrong("# only a comment\n", "f.yml: is empty; a workload begins like: name: handoff"),
        Wrong(
            "name: a\n---\nname: b\n",
            "f.yml:2: is not YAML: expected a single document in the stream, but found another document"),
        Wrong(
            "name: \"a\nclients: 3\n",
            "f.yml:3: is not YAML: while scanning a quoted scalar, found unexpected end of stream"),
        Wrong(
            "clients: 3\n\tseed: 4\n",
            "f.yml:2: is not YAML: while scanning a plain scalar, found a tab character that violates indentation"),
        Wrong("name: &a x\nseed: *a\n", "f.yml:1: anchors and aliases (& and *) are not allowed"),
        Wrong(
            "clients: 3\nname: \(String(repeating: "[", count: 100_000))",
            "f.yml:2: lists and mappings nest too deep"),
        Wrong(
            "name:\n  \(String(repeating: "- ", count: 100_000))x", "f.yml:2: lists and mappings nest too deep"),
        Wrong(String(repeating: "# padding\n", count: 30_000), "f.yml: is longer than 262144 bytes"),
    ]
}
