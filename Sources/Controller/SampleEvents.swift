import History

/// Writes into the history, now and then, how far the store is from agreement with itself: no rule depends on it, the report
/// draws it.
struct SampleEvents: Sendable {
    private struct Form: Encodable {
        struct Value: Encodable {
            var hintsWaiting: Int
            var hintsStored: Int
            var hintsDelivered: Int
            var keysRepaired: Int
            var readRepairs: Int
            var keysDiffering: Int?
            var rootsDiffering: Int?

            enum CodingKeys: String, CodingKey {
                case hintsWaiting = "hints_waiting"
                case hintsStored = "hints_stored"
                case hintsDelivered = "hints_delivered"
                case keysRepaired = "keys_repaired"
                case readRepairs = "read_repairs"
                case keysDiffering = "keys_differing"
                case rootsDiffering = "roots_differing"
            }
        }
        var value: Value
    }

    private struct RingForm: Encodable {
        var value: RingTable
    }

    let recorder: Recorder

    /// - Parameters:
    ///   - keysDiffering: keys whose homes do not all hold the same; nil: not looked for.
    ///   - rootsDiffering: Merkle ranges whose homes report different roots; nil: not looked for.
    func record(_ counters: StoreCounters, keysDiffering: Int? = nil, rootsDiffering: Int? = nil) {
        note(
            "sample",
            Form(
                value: .init(
                    hintsWaiting: counters.hintsWaiting, hintsStored: counters.hintsStored,
                    hintsDelivered: counters.hintsDelivered, keysRepaired: counters.keysRepaired,
                    readRepairs: counters.readRepairs, keysDiffering: keysDiffering, rootsDiffering: rootsDiffering)))
    }

    /// The ring as the run begins with it.
    func record(_ ring: RingTable) { note("ring", RingForm(value: ring)) }

    private func note(_ name: String, _ value: some Encodable) {
        var draft = EventDraft(0, .controller, .info, .other)
        draft.name = name
        draft.extras = RunHeader.members(value)
        recorder.record(draft)
    }
}

/// Who is home of what, as a node tells it.
public struct RingTable: Sendable, Hashable, Codable {
    /// Replicas of a key.
    public var n: Int
    /// By ring partition: its homes, the coordinator first.
    public var preference: [[String]]

    public init(n: Int, preference: [[String]]) {
        self.n = n
        self.preference = preference
    }
}
