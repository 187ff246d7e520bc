import Foundation
import Nemesis

#if canImport(Glibc)
    import Glibc
#endif

/// Power, memory and processor taken from nodes.
extension SandboxBench {
    // MARK: - Power

    public func cutPower(_ nodes: [String]) async throws -> [String] {
        let disks = try nodes.map(disk(of:))
        for disk in disks { try disk.writeProbe() }
        // Nobody may see an error of a disk that has no power: first nobody runs, then the power is gone.
        for node in nodes { try await pause(node) }
        for disk in disks { try disk.cut() }
        for node in nodes { try await kill(node) }
        return ["the file systems of \(nodes.joined(separator: ", ")) were shut down without writing anything back"]
    }

    public func restorePower(_ nodes: [String]) async throws -> [String] {
        var seen: [String] = []
        var failure: (any Error)?
        for node in nodes {
            do {
                // A fault that failed half way may have left it running or stopped.
                if try process(node).isRunning { try await kill(node) }
                seen.append(try disk(of: node).restore())
            } catch { failure = failure ?? error }
        }
        if let failure { throw failure }
        return seen
    }

    private func disk(of node: String) throws -> LoopDisk {
        guard let disk = equipment.disks[node] else {
            throw NodeProcessError(node: node, reason: "has no disk of its own whose power could fail")
        }
        return disk
    }

    // MARK: - Memory

    /// More than a node may use beyond this, in bytes, is not waited for.
    private static let headroom = 48 << 20

    public func exhaustMemory(of node: String) async throws -> String {
        let groups = try groups()
        let process = try process(node)
        let before = groups.memoryKills(of: node)
        try groups.limitMemory(of: node, to: groups.memoryUsed(by: node) + Self.headroom)
        process.expectEnd()
        // Fills a file in memory from within the node's group: what the kernel cannot take back, so that it has to kill. The
        // filler itself is spared (oom_score_adj), and then fails for want of space.
        let filler =
            groups.launcher(of: node) + [
                "sh", "-c",
                "echo -1000 > /proc/self/oom_score_adj; dd if=/dev/zero of='\(Self.ballast(of: node))' bs=64k count=4096 2>/dev/null",
            ]
        _ = try? Tool.run(filler, limit: 8)
        guard let ending = process.awaitEnd(limit: 2) else {
            throw NodeProcessError(node: node, reason: "was not killed although its memory was taken")
        }
        let kills = groups.memoryKills(of: node) - before
        guard kills > 0, ending == .killed(signal: SIGKILL) else {
            throw NodeProcessError(node: node, reason: "ended (\(ending)), but not for want of memory")
        }
        return "the kernel counted \(kills) kill\(kills == 1 ? "" : "s") for want of memory in the group of \(node)"
    }

    public func freeMemory(of node: String) async throws {
        unlink(Self.ballast(of: node))
        try groups().limitMemory(of: node, to: nil)
        if try process(node).isRunning { try await kill(node) }
    }

    private static func ballast(of node: String) -> String { "/run/dyno-memory-\(node)" }

    // MARK: - Processor

    public func throttle(_ node: String, percent: Int?) async throws -> String {
        let groups = try groups()
        try groups.limitProcessor(of: node, percent: percent)
        if let percent {
            equipment.remember(UInt64(groups.timesThrottled(node)), of: "throttle \(node)")
            return "\(node) may use \(percent)% of a processor"
        }
        let times = equipment.growth(to: UInt64(groups.timesThrottled(node)), of: "throttle \(node)")
        guard times > 0 else { throw NodeProcessError(node: node, reason: "never used as much as it was allowed") }
        return "the kernel held \(node) back in \(times) periods of 100 ms"
    }

    private func groups() throws -> ControlGroups {
        guard let groups = equipment.groups else {
            throw NodeProcessError(node: nodes.first ?? "", reason: "was started outside of any control group")
        }
        return groups
    }
}
