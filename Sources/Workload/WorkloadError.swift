/// Why a workload file cannot be used, in one sentence that names the place.
public struct WorkloadError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The file as the user named it.
    public var file: String
    /// From 1; nil when the whole file is at fault.
    public var line: Int?
    /// What is wrong and what is allowed.
    public var message: String

    public init(file: String, line: Int?, message: String) {
        self.file = file
        self.line = line
        self.message = message
    }

    /// `handoff.yml:7: unknown key "cleints"; …`
    public var description: String {
        guard let line else { return "\(file): \(message)" }
        return "\(file):\(line): \(message)"
    }
}
