import Glibc
import Logging

/// Writes a line an event to standard error; ``LogFormat`` says how it looks.
public struct NodeLog: LogHandler {
    public var metadata: Logger.Metadata = [:]
    public var logLevel: Logger.Level
    private let node: String
    private let format: LogFormat

    public init(node: String, level: Logger.Level, format: LogFormat) {
        self.node = node
        self.format = format
        logLevel = level
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        let all = metadata.merging(event.metadata ?? [:]) { _, newer in newer }
        let fields =
            [("time", Self.now()), ("level", "\(event.level)"), ("node", node), ("msg", "\(event.message)")]
            + all.sorted { $0.key < $1.key }.map { ($0.key, "\($0.value)") }
        // One write a line, so that lines of several threads do not mix. Nobody can be told when standard error is
        // gone.
        let bytes = format.line(fields) + [UInt8(ascii: "\n")]
        _ = write(STDERR_FILENO, bytes, bytes.count)
    }

    private static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
        let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
        let micros = String(time.tv_nsec / 1_000 + 1_000_000).dropFirst()
        return "\(date)T\(clock).\(micros)Z"
    }

    private static func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
