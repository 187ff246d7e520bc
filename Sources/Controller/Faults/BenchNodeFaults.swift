import Dispatch
import Foundation
import Nemesis
import Workload

/// Wrong clocks, failing disks and damaged files.
extension SandboxBench {
    // MARK: - Clocks

    public func setClock(of node: String, _ trouble: ClockTrouble?) async throws -> String {
        let control = try control(of: node)
        let now = Int64(DispatchTime.now().uptimeNanoseconds)
        if trouble == nil {
            let reads = equipment.growth(to: control.clockReads, of: "clock \(node)")
            let shown = try? await clockError(of: node)
            control.setClock(nil, since: now)
            guard reads > 0 else { throw NodeProcessError(node: node, reason: "never read its wrong clock") }
            return "\(node) read its wrong clock \(reads) times" + (shown.map { ", at last \(Self.words($0))" } ?? "")
        }
        equipment.remember(control.clockReads, of: "clock \(node)")
        control.setClock(trouble, since: now)
        guard case .jump(let by) = trouble else { return "the clock of \(node) was set running wrong" }
        guard try process(node).isRunning, let shown = try await clockError(of: node) else {
            return "the clock of \(node) was set wrong"
        }
        // What asking takes is a few milliseconds.
        guard abs(shown - Int64(by / .nanoseconds(1))) < 500_000_000 else {
            throw NodeProcessError(node: node, reason: "shows a clock that is \(Self.words(shown))")
        }
        return "\(node) showed a clock that was \(Self.words(shown))"
    }

    /// By how many nanoseconds a node's clock is ahead of ours; nil for a store that does not tell the time.
    private func clockError(of node: String) async throws -> Int64? {
        guard let shown = try await store.wallClock(of: try link(node)) else { return nil }
        return shown * 1_000 - Int64(Date().timeIntervalSince1970 * 1e9)
    }

    private static func words(_ error: Int64) -> String {
        "\(Double(abs(error) / 1_000_000) / 1_000) s \(error < 0 ? "behind" : "ahead")"
    }

    // MARK: - Disks

    public func setDisk(of node: String, _ trouble: DiskTrouble, inForce: Bool) async throws -> String {
        if inForce { note(failingDisk: true, of: node) }
        defer { if !inForce { note(failingDisk: false, of: node) } }
        if trouble == .full {
            let files = try files(of: node)
            guard inForce else {
                try files.free()
                return "a page could be written again"
            }
            try files.fill()
            return "no page could be written on the disk of \(node)"
        }
        let control = try control(of: node)
        control.setDisk(inForce ? trouble : nil)
        if inForce {
            equipment.remember(control.diskHits, of: "disk \(node)")
            return "the disk of \(node) was made to fail"
        }
        let hits = equipment.growth(to: control.diskHits, of: "disk \(node)")
        guard hits > 0 else { throw NodeProcessError(node: node, reason: "never met its failing disk") }
        return "\(hits) calls of \(node) met the failing disk"
    }

    // MARK: - Files

    public func damage(_ node: String, _ damage: FileDamage) async throws -> String {
        let files = try files(of: node)
        switch damage {
        case .wipe: return try files.wipe()
        case .truncate: return try files.truncate()
        case .rot: return try equipment.withGenerator { try files.rot(places: 32, using: &$0) }
        }
    }

    private func control(of node: String) throws -> FaultControl {
        guard let control = equipment.controls[node] else {
            throw NodeProcessError(node: node, reason: "was started without the fault library")
        }
        return control
    }

    private func files(of node: String) throws -> NodeFiles {
        guard let files = equipment.files[node] else {
            throw NodeProcessError(node: node, reason: "is no node of this run")
        }
        return files
    }
}
