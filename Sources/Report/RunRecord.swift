import Foundation
import History

/// What a run of ours wrote into its history beside the events of the contract: which checkers and floors its workload asked
/// for, what the store counted, and what witnessed the faults. Of a foreign history it is empty.
public struct RunRecord: Sendable {
    /// A fault and what shows that it was real.
    public struct Witness: Sendable, Decodable {
        public var fault: String
        /// The fault as a line of a schedule, without its times.
        public var line: String?
        public var nodes: [String]?
        public var groups: [[String]]?
        /// The links at fault, as pairs: from, to.
        public var links: [[String]]?
        /// How its targets were found.
        public var drawn: String?
        /// Nanoseconds since the run began.
        public var call: Int64?
        public var begin: Int64
        public var end: Int64
        /// Nanoseconds from the call to the effect.
        public var effectNs: Int64
        public var proven: Bool
        public var sentence: String
        public var packetsStopped: Int?

        /// Whom the fault was about, in words.
        public var whom: String {
            if let nodes { return nodes.joined(separator: ", ") }
            if let groups { return groups.map { $0.joined(separator: ",") }.joined(separator: " | ") }
            let pairs = (links ?? []).map { $0.joined(separator: "→") }
            return pairs.count > 4 ? "\(pairs.count) links" : pairs.joined(separator: ", ")
        }
    }

    /// What the nodes counted, over all nodes and all their starts.
    public struct Counters: Sendable, Decodable {
        public var hintsStored: Int
        public var hintsDelivered: Int
        public var keysRepaired: Int
        public var readRepairs: Int
        /// Packets and bytes delivered between nodes, as captured.
        public var packets: Int
        public var bytes: Int
    }

    /// What the capture read on the wire.
    public struct Wire: Sendable, Decodable {
        /// Packets read, and those that were lost before they could be.
        public var packets: Int
        public var dropped: Int
        /// Holes in streams that only the capture has.
        public var gaps: Int
        /// Acknowledgements of writes that were judged, those below W, those that could not be judged.
        public var judged: Int
        public var belowW: Int
        public var unjudged: Int
        /// Hinted objects that their home confirmed, and objects that Merkle exchanges sent.
        public var hintsAcknowledged: Int
        public var objectsRepaired: Int
    }

    private struct HeaderForm: Decodable {
        var workload: String?
        var seed: UInt64?
        var flaw: String?
        var build: String?
        var checkers: [String]?
        var require: [String: Int]?
    }

    private struct ValueForm<Value: Decodable>: Decodable {
        var value: Value
    }

    public var workload: String?
    public var seed: UInt64?
    public var flaw: String?
    /// Which executables made the run.
    public var build: String?
    public var checkers: [String] = []
    public var require: [String: Int] = [:]
    public var witnesses: [Witness] = []
    public var counters: Counters?
    public var wire: Wire?

    public init(_ history: History) {
        if let header: HeaderForm = Self.decode(history.header.extras) {
            workload = header.workload
            seed = header.seed
            flaw = header.flaw
            build = header.build
            checkers = header.checkers ?? []
            require = header.require ?? [:]
        }
        for (index, extras) in history.extras.sorted(by: { $0.key < $1.key }) {
            let event = history.events[index]
            guard event.process == .controller, event.function == .other else { continue }
            switch history.string(event.name) {
            case "witness":
                if let form: ValueForm<Witness> = Self.decode(extras) { witnesses.append(form.value) }
            case "counters":
                if let form: ValueForm<Counters> = Self.decode(extras) { counters = form.value }
            case "wire":
                if let form: ValueForm<Wire> = Self.decode(extras) { wire = form.value }
            default: continue
            }
        }
    }

    /// Reads the members that a history keeps as text; nil when they are not what is looked for.
    private static func decode<Form: Decodable>(_ members: String) -> Form? {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try? decoder.decode(Form.self, from: Data("{\(members)}".utf8))
    }
}
