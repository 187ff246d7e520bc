import History

/// Writes what the store counted over the run into the history, so that an offline check knows what was exercised.
enum ExerciseEvents {
    private struct Form: Encodable {
        struct Value: Encodable {
            var hintsStored: Int
            var hintsDelivered: Int
            var keysRepaired: Int
            var readRepairs: Int
            var packets: Int
            var bytes: Int

            enum CodingKeys: String, CodingKey {
                case hintsStored = "hints_stored"
                case hintsDelivered = "hints_delivered"
                case keysRepaired = "keys_repaired"
                case readRepairs = "read_repairs"
                case packets, bytes
            }
        }
        var value: Value
    }

    static func record(_ counters: StoreCounters, traffic: (packets: Int, bytes: Int), into recorder: Recorder) {
        var draft = EventDraft(0, .controller, .info, .other)
        draft.name = "counters"
        draft.extras = RunHeader.members(
            Form(
                value: .init(
                    hintsStored: counters.hintsStored, hintsDelivered: counters.hintsDelivered,
                    keysRepaired: counters.keysRepaired, readRepairs: counters.readRepairs, packets: traffic.packets,
                    bytes: traffic.bytes)))
        recorder.record(draft)
    }
}
