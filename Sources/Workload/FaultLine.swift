/// One fault in the words of a workload file, without times: `kill: home`, `loss: 20%, target: n1, direction: out`.
public enum FaultLine {
    /// A kind of fault, as a person chooses one.
    public struct Kind: Sendable, Hashable {
        public var name: String
        /// The values of its key.
        public var values: String
        public var meaning: String
        /// Whether the value is who suffers.
        public var takesTarget: Bool
        /// Other keys that it knows.
        public var parameters: [String]
    }

    /// All kinds of fault, in the order of the documentation.
    public static var kinds: [Kind] {
        FaultReader.actions.compactMap { action in
            guard let key = WorkloadSchema.fault.keys.first(where: { $0.name == action.key }) else { return nil }
            return Kind(
                name: key.name, values: key.values, meaning: key.meaning,
                takesTarget: key.values == WorkloadSchema.someNodes, parameters: action.parameters)
        }
    }

    /// What is to be done.
    ///
    /// Throws a ``WorkloadError`` whose message says what is allowed.
    public static func action(_ line: String, store: StoreSpec) throws(WorkloadError) -> FaultSpec.Action {
        let text = "faults:\n  - { \(line), at: 0s, for: 1h }"
        let faults = try ScheduleFile.parse(text: text, file: "fault", store: store).faults
        guard faults.count == 1, let fault = faults.first else {
            throw WorkloadError(file: "fault", line: nil, message: "\"\(line)\" is not one fault")
        }
        return fault.action
    }
}
