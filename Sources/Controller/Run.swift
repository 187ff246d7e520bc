import Foundation
import History
import NIOPosix
import Nemesis
import Wire
import Workload

/// One run, from the first process to the closed history. Happens inside a ``Sandbox``.
///
/// The history is all that comes out of it: the checkers read it afterwards from the file, as anybody can again.
public struct Run: Sendable {
    public struct Settings: Sendable {
        public var workload: Workload
        /// The text of the workload file, kept beside the history.
        public var workloadText: String
        public var seed: UInt64
        /// Path of `dynamo-node`.
        public var nodeExecutable: String
        /// Path of the library that is preloaded where clocks or disks are to fail.
        public var faultLibrary: String
        /// The fault to plant in every node, by name; nil: none.
        public var flaw: String?
        /// Keep what the nodes stored.
        public var keepsData: Bool
        /// The file whose faults stand in place of the workload's; nil: the workload's own.
        public var schedule: String?
        /// Which executables make the run: ``BuildIdentity``.
        public var build: String

        public init(
            workload: Workload, workloadText: String, seed: UInt64, nodeExecutable: String, faultLibrary: String,
            flaw: String?, keepsData: Bool, schedule: String? = nil, build: String
        ) {
            self.workload = workload
            self.workloadText = workloadText
            self.seed = seed
            self.nodeExecutable = nodeExecutable
            self.faultLibrary = faultLibrary
            self.flaw = flaw
            self.keepsData = keepsData
            self.schedule = schedule
            self.build = build
        }
    }

    let settings: Settings
    let directory: RunDirectory
    let progress: RunProgress
    /// Ends the load early when somebody asks for it; the run then still heals, converges and checks.
    let interruption: Interruption

    public init(settings: Settings, directory: RunDirectory, progress: RunProgress, interruption: Interruption) {
        self.settings = settings
        self.directory = directory
        self.progress = progress
        self.interruption = interruption
    }

    var workload: Workload { settings.workload }

    /// Carries the run out. The history lies in the run's directory afterwards.
    ///
    /// Throws when the bench itself fails: a node that does not come up, a tool that is missing, a disk that is full.
    public func carryOut() async throws {
        let newcomers = workload.actions.compactMap(\.newcomer)
        let names = workload.store.nodeNames + newcomers.sorted()
        let network = SandboxNetwork(nodes: names)
        let founders = Array(network.links.prefix(workload.store.nodes))
        try directory.makeNodeDirectories(names)
        try settings.workloadText.write(toFile: directory.workload, atomically: true, encoding: .utf8)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let store = DynamoStore(
            executable: settings.nodeExecutable, settings: workload.store, flaw: settings.flaw,
            bucket: ValueForm.bucket,
            reader: HTTPReader(group: group))
        let rules = try PacketRules()
        try network.setUp(clientPort: store.clientPort, rules: rules)
        let equipment = try FaultEquipment(
            for: workload.actions, nodes: names, directory: directory,
            library: settings.faultLibrary, seed: settings.seed)

        let recorder = try Recorder(path: directory.history, header: RunHeader.header(for: settings, store: store.name))
        let capture = try PacketCapture(
            ports: network.links.map { .init(interface: $0.port, node: $0.node, address: $0.address) },
            epoch: recorder.epoch)
        var processes: [String: NodeProcess] = [:]
        for link in network.links {
            var command = store.command(for: link, among: founders, dataDirectory: directory.data(of: link.node))
            command.environment.merge(equipment.environment(of: link.node)) { _, fault in fault }
            processes[link.node] = NodeProcess(
                name: link.node, command: command, logPath: directory.log(of: link.node),
                launcher: equipment.launcher(of: link.node))
        }
        let bench = SandboxBench(
            nodes: workload.store.nodeNames, settings: workload.store, store: store, links: network.links,
            directory: directory, processes: processes, recorder: recorder, rules: rules, equipment: equipment,
            capture: capture, seed: settings.seed)
        let stage = Stage(
            run: self, network: network, store: store, recorder: recorder, capture: capture, processes: processes,
            bench: bench, group: group)
        defer { equipment.remove() }
        try await stage.play()
        try await group.shutdownGracefully()
        if !settings.keepsData { directory.removeData(of: names) }
    }
}

/// Asks a run to end early; safe from a signal handler's queue.
public final class Interruption: Sendable {
    private let handlers = Handlers()

    public init() {}

    public func interrupt() { handlers.fire() }

    /// Calls `body` when the interruption comes, at once when it came already.
    func whenInterrupted(_ body: @escaping @Sendable () -> Void) { handlers.add(body) }

    var isInterrupted: Bool { handlers.hasFired }
}
