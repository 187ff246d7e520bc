import Foundation

/// What a run may have left behind on the machine: processes, interfaces, mounts, loop devices, packet rules, control groups.
public struct Leftovers: Sendable, Hashable {
    /// In words: what it is, by name.
    public private(set) var found: [String] = []

    /// Looks for what there is of a run now.
    ///
    /// - Parameters:
    ///   - directory: the run's, whose path is in the command lines of its processes and in its mounts.
    ///   - process: the id that the run's outermost process had, which is in the names of its control groups.
    ///   - before: interfaces and packet rules that were there before the run.
    public init(directory: String, process: Int32, before: Surroundings) {
        found += Self.processes(naming: directory).map { "process \($0)" }
        let now = Surroundings()
        found += now.interfaces.subtracting(before.interfaces).sorted().map { "interface \($0)" }
        if now.rules != before.rules { found.append("packet rules that were not there before") }
        let mounts = (try? String(contentsOfFile: "/proc/self/mounts", encoding: .utf8)) ?? ""
        found += mounts.split(separator: "\n").filter { $0.contains(directory) }.map { "mount \($0)" }
        found += Self.loopDevices(naming: directory)
        found += Self.controlGroups(named: "dyno-\(process)-").map { "control group \($0)" }
    }

    /// What is the same before and after a run that leaves nothing behind.
    public struct Surroundings: Sendable, Hashable {
        public var interfaces: Set<String>
        /// What `nft list ruleset` prints in this network namespace.
        public var rules: String

        public init() {
            interfaces = Set((try? FileManager.default.contentsOfDirectory(atPath: "/sys/class/net")) ?? [])
            rules = Self.output(of: ["nft", "list", "ruleset"])
        }

        private static func output(of command: [String]) -> String {
            let process = Process()
            process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
            process.arguments = command
            let pipe = Pipe()
            process.standardOutput = pipe
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return "" }
            let data = pipe.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            return String(decoding: data, as: UTF8.self)
        }
    }

    private static func processes(naming text: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
        return names.filter { Int($0) != nil && Int($0) != Int(getpid()) }.compactMap { name in
            guard let data = FileManager.default.contents(atPath: "/proc/\(name)/cmdline") else { return nil }
            let line = String(decoding: data, as: UTF8.self).replacing("\0", with: " ")
            return line.contains(text) ? "\(name) \(line.prefix(80))" : nil
        }
    }

    private static func loopDevices(naming text: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: "/sys/block")) ?? []
        return names.filter { $0.hasPrefix("loop") }.compactMap { name in
            let file = try? String(contentsOfFile: "/sys/block/\(name)/loop/backing_file", encoding: .utf8)
            return file?.contains(text) == true ? "loop device \(name)" : nil
        }
    }

    private static func controlGroups(named prefix: String) -> [String] {
        let root = "/sys/fs/cgroup"
        let places =
            [root] + ((try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []).map { "\(root)/\($0)" }
        return places.flatMap { place in
            ((try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []).filter { $0.hasPrefix(prefix) }
                .map { "\(place)/\($0)" }
        }
    }
}
