import Foundation

/// The processor time that processes have used, as the kernel counts it in /proc.
public enum ProcessTimes {
    /// User and system time of a process and its threads in nanoseconds, exact to a clock tick; 0 for one that is gone.
    public static func nanoseconds(pid: Int32) -> Int64 {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/stat", encoding: .utf8),
            let end = text.lastIndex(of: ")")
        else { return 0 }
        // After the name in parentheses come the fields from the third on; utime and stime are the 14th and 15th.
        let fields = text[text.index(after: end)...].split(separator: " ")
        guard fields.count > 12, let user = Int64(fields[11]), let system = Int64(fields[12]) else { return 0 }
        return (user + system) * (1_000_000_000 / Int64(max(1, sysconf(Int32(_SC_CLK_TCK)))))
    }

    /// Bytes of a process that are in memory.
    public static func residentBytes(pid: Int32) -> Int {
        guard let text = try? String(contentsOfFile: "/proc/\(pid)/statm", encoding: .utf8) else { return 0 }
        let fields = text.split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}

/// The machine that something was measured on.
public struct Machine: Codable, Sendable, Hashable {
    /// The processor as it names itself.
    public var processor: String
    public var cores: Int
    public var kernel: String
    /// Of the directory that the nodes write to; empty when they are not ours.
    public var fileSystem: String

    /// - Parameter directory: where the nodes write; nil: unknown.
    public init(directory: String?) {
        let text = (try? String(contentsOfFile: "/proc/cpuinfo", encoding: .utf8)) ?? ""
        let model = text.split(separator: "\n").first { $0.hasPrefix("model name") }?.split(separator: ":").last
        processor = model.map { $0.trimmingCharacters(in: .whitespaces) } ?? "unknown processor"
        cores = ProcessInfo.processInfo.activeProcessorCount
        let release = try? String(contentsOfFile: "/proc/sys/kernel/osrelease", encoding: .utf8)
        kernel = release?.trimmingCharacters(in: .whitespacesAndNewlines) ?? "unknown"
        fileSystem = directory.map(Self.fileSystem) ?? ""
    }

    /// The type of the file system that holds a path: that of the longest mount point above it.
    private static func fileSystem(of path: String) -> String {
        let real = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
        var best = (length: -1, type: "unknown")
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        for line in mounts.split(separator: "\n") {
            let fields = line.split(separator: " ")
            guard fields.count > 2 else { continue }
            let point = String(fields[1])
            let isAbove = point == "/" || real == point || real.hasPrefix(point + "/")
            // Of several mounts on one point the last hides the others.
            if isAbove, point.count >= best.length { best = (point.count, String(fields[2])) }
        }
        return best.type
    }

    public var text: String {
        "\(cores) x \(processor), Linux \(kernel)" + (fileSystem.isEmpty ? "" : ", data on \(fileSystem)")
    }
}
