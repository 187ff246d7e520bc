import Foundation
import History
import Nemesis
import Synchronization
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// What must be there before a fault can be: the preloaded library and its control files, file systems of the nodes' own,
/// packet rules inside the nodes' networks. Only what the workload's faults need is made.
final class FaultEquipment: Sendable {
    /// The size of a node's file system where it is to be filled, in bytes.
    static let fileSystemBytes = 256 << 20

    private struct State {
        var generator: SeededGenerator
        /// What a node's counters showed when its fault began.
        var hitsBefore: [String: UInt64] = [:]
    }

    let files: [String: NodeFiles]
    /// Disks whose power can fail.
    let disks: [String: LoopDisk]
    let groups: ControlGroups?
    let controls: [String: FaultControl]
    private let library: String?
    /// Directories that have a file system of their own.
    private let mounts: [String]
    private let state: Mutex<State>

    /// Makes what `faults` need.
    ///
    /// - Parameters:
    ///   - library: path of the fault library.
    ///   - directory: the run's.
    init(
        for faults: [FaultSpec.Action], nodes: [String], directory: RunDirectory, library: String, seed: UInt64
    ) throws {
        let needsLibrary = faults.contains(where: \.needsLibrary)
        let fillsDisks = faults.contains(where: \.fillsDisk)
        let cutsPower = faults.contains(where: \.cutsPower)
        groups = faults.contains(where: \.needsControlGroups) ? try ControlGroups(nodes: nodes) : nil
        var disks: [String: LoopDisk] = [:]
        var files: [String: NodeFiles] = [:]
        var controls: [String: FaultControl] = [:]
        for node in nodes {
            let own = NodeFiles(node: node, directory: directory.data(of: node))
            if cutsPower {
                disks[node] = try LoopDisk(node: node, directory: own.directory, bytes: Self.fileSystemBytes)
            } else if fillsDisks {
                try own.mountOwnFileSystem(bytes: Self.fileSystemBytes)
            }
            files[node] = own
            if needsLibrary {
                // The name that the kernel has for the directory: the library compares with that.
                let real = URL(fileURLWithPath: own.directory).resolvingSymlinksInPath().path
                controls[node] = try FaultControl(path: directory.control(of: node), directory: real)
            }
        }
        if needsLibrary, !FileManager.default.isReadableFile(atPath: library) {
            throw ToolError(
                tool: [library], reason: "is not there; faults of clocks and disks need it (make build makes it)")
        }
        self.files = files
        self.disks = disks
        mounts = cutsPower || fillsDisks ? files.values.map(\.directory) : []
        self.controls = controls
        self.library = needsLibrary ? library : nil
        state = Mutex(State(generator: SeededGenerator(seed: seed ^ 0xd15c)))
    }

    /// How a node's process gets into its control groups; empty: it has none.
    func launcher(of node: String) -> [String] { groups?.launcher(of: node) ?? [] }

    /// Removes what does not go with the sandbox, and takes file systems off directories that are to be removed.
    func remove() {
        groups?.remove()
        for directory in mounts { umount2(directory, Int32(MNT_DETACH)) }
    }

    /// What a node's process must find in its environment.
    func environment(of node: String) -> [String: String] {
        guard let library, let control = controls[node] else { return [:] }
        return ["LD_PRELOAD": library, "DYNO_FAULTS": control.path]
    }

    /// Keeps a counter's value until the fault ends.
    func remember(_ count: UInt64, of what: String) { state.withLock { $0.hitsBefore[what] = count } }

    /// How much a counter has grown since.
    func growth(to count: UInt64, of what: String) -> UInt64 {
        state.withLock { count &- ($0.hitsBefore.removeValue(forKey: what) ?? count) }
    }

    /// Draws from the run's seed.
    func withGenerator<Value>(_ body: (inout SeededGenerator) throws -> Value) rethrows -> Value {
        try state.withLock { try body(&$0.generator) }
    }
}

extension FaultSpec.Action {
    fileprivate var needsLibrary: Bool {
        switch self {
        case .clock: true
        case .disk(let trouble, _): trouble != .full
        default: false
        }
    }

    var resets: Bool {
        if case .links(.reset, _) = self { return true }
        return false
    }

    fileprivate var fillsDisk: Bool {
        if case .disk(.full, _) = self { return true }
        return false
    }

    fileprivate var cutsPower: Bool {
        if case .powerLoss = self { return true }
        return false
    }

    fileprivate var needsControlGroups: Bool {
        switch self {
        case .outOfMemory, .throttle: true
        default: false
        }
    }

    /// Whether only the machine's own root can do it, in no user namespace of its own.
    public var needsRoot: Bool { cutsPower || needsControlGroups }
}
