import Foundation
import History
import NIOPosix
import Nemesis
import Wire
import Workload

/// Everything that a run, or a cluster to break by hand, consists of: made, but no node started yet.
struct Assembly {
    /// How the nodes are kept apart.
    enum Way {
        /// In the namespaces of the ``Sandbox`` that this process runs in.
        case namespaces
        /// As plain processes whose connections this process relays.
        case relay
    }

    /// What is put together.
    struct Plan {
        var settings: StoreSpec
        var nodeExecutable: String
        var flaw: String?
        var faultLibrary: String
        /// Everything that may be done to it.
        var actions: [FaultSpec.Action]
        var directory: RunDirectory
        var header: Header
        var seed: UInt64
        var way: Way
        /// Is shown the events as they are recorded; nil: nobody watches.
        var watch: (@Sendable (History) -> Void)?
        /// Bytes of the capture that are kept in a file; 0: none.
        var captureLimit = 0
    }

    let group: MultiThreadedEventLoopGroup
    let store: DynamoStore
    let network: any NodeNetwork
    /// What is captured of the network; nil where it is relayed.
    let capture: PacketCapture?
    let equipment: FaultEquipment
    let recorder: Recorder
    let processes: [String: NodeProcess]
    let bench: SandboxBench
    /// Of all nodes, those that may join included.
    let names: [String]

    /// Throws when something of it cannot be had, in a sentence.
    init(_ plan: Plan) throws {
        let directory = plan.directory
        let names = plan.settings.nodeNames + plan.actions.compactMap(\.newcomer).sorted()
        try directory.makeNodeDirectories(names)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let store = DynamoStore(
            executable: plan.nodeExecutable, settings: plan.settings, flaw: plan.flaw, bucket: ValueForm.bucket,
            reader: HTTPReader(group: group))
        let hub = try plan.way == .namespaces ? Self.setUpHub(names, clientPort: store.clientPort) : nil
        let equipment = try FaultEquipment(
            for: plan.actions, nodes: names, directory: directory, library: plan.faultLibrary, seed: plan.seed)
        let recorder = try Recorder(path: directory.history, header: plan.header, watch: plan.watch)
        if let hub {
            let capture = try PacketCapture(
                ports: hub.links.map { .init(interface: $0.port, node: $0.node, address: $0.address) },
                epoch: recorder.epoch, reading: Self.reading(plan, hub.links, clientPort: store.clientPort))
            self.capture = capture
            network = try HubNetwork(
                links: hub.links, rules: hub.rules, capture: capture, seed: plan.seed,
                resets: plan.actions.contains(where: \.resets))
        } else {
            capture = nil
            network = try RelayNetwork.make(
                nodes: names, clientPort: store.clientPort, peerPort: DynamoStore.peerPort, now: { recorder.now })
        }
        processes = Self.processes(plan, store, network, equipment)
        bench = SandboxBench(
            nodes: plan.settings.nodeNames, settings: plan.settings, store: store, network: network,
            directory: directory, processes: processes, recorder: recorder, equipment: equipment)
        (self.names, self.group, self.store, self.equipment, self.recorder) = (names, group, store, equipment, recorder)
    }

    /// What is read of the packets that are captured.
    private static func reading(_ plan: Plan, _ links: [NodeLink], clientPort: Int) -> PacketCapture.Reading {
        PacketCapture.Reading(
            WireSetting(
                nodes: links.map { .init(name: $0.node, address: PacketHeader.address($0.address) ?? 0) },
                clientPort: UInt16(clientPort), peerPort: UInt16(DynamoStore.peerPort), n: plan.settings.n,
                w: plan.settings.w),
            file: plan.captureLimit > 0 ? plan.directory.capture : nil, fileLimit: plan.captureLimit)
    }

    private static func setUpHub(
        _ names: [String], clientPort: Int
    ) throws(ToolError) -> (links: [NodeLink], rules: PacketRules) {
        let network = SandboxNetwork(nodes: names)
        let rules = try PacketRules()
        try network.setUp(clientPort: clientPort, rules: rules)
        return (network.links, rules)
    }

    private static func processes(
        _ plan: Plan, _ store: DynamoStore, _ network: any NodeNetwork, _ equipment: FaultEquipment
    ) -> [String: NodeProcess] {
        let founders = Array(network.links.prefix(plan.settings.nodes))
        var processes: [String: NodeProcess] = [:]
        for link in network.links {
            var command = store.command(
                for: link, among: network.members(founders, seenBy: link),
                dataDirectory: plan.directory.data(of: link.node))
            command.environment.merge(equipment.environment(of: link.node)) { _, fault in fault }
            processes[link.node] = NodeProcess(
                name: link.node, command: command, logPath: plan.directory.log(of: link.node),
                launcher: equipment.launcher(of: link.node) + network.launcher(of: link.node))
        }
        return processes
    }

    /// Where clients reach the nodes, those that may join included.
    var endpoints: [NodeEndpoint] {
        network.links.map {
            NodeEndpoint(name: $0.node, host: network.clientAddress(of: $0), port: store.clientPort)
        }
    }

    /// A load upon the nodes of the ring, whose clients are told when the ring changes.
    func makeLoad(_ workload: Workload, seed: UInt64) -> LoadRunner {
        let runner = LoadRunner(
            workload: workload, seed: seed, endpoints: endpoints,
            absent: Set(names).subtracting(bench.members.map(\.node)), sink: recorder, eventLoop: group.next())
        bench.whenRingChanges { await runner.turn(to: $0) }
        return runner
    }

    /// Starts the nodes that the store begins with, and waits until they serve. Gives back how long that took.
    func boot() async throws -> Duration {
        let began = ContinuousClock.now
        for link in bench.members { try processes[link.node]?.start() }
        try await bench.awaitReady(bench.members.map(\.node))
        return ContinuousClock.now - began
    }

    /// Ends every node: first as it would like, and then, after five seconds, as it must. The names of those.
    func shutDown() -> [String] {
        let running = network.links.compactMap { processes[$0.node] }.filter(\.isRunning)
        for process in running { process.expectEnd() }
        for process in running { process.signal(SIGTERM) }
        let stubborn = running.filter { $0.awaitEnd(limit: 5) == nil }
        for process in stubborn { _ = process.end(signal: SIGKILL) }
        return stubborn.map(\.name)
    }

    /// Removes what does not go with the sandbox, once every node has ended.
    func remove(keepingData: Bool) {
        equipment.remove()
        if !keepingData { bench.directory.removeData(of: names) }
    }

    /// Every end of a node that the bench did not bring about.
    var crashes: [(node: String, ending: NodeProcess.Ending)] {
        network.links.flatMap { link in
            (processes[link.node]?.unexpectedEndings ?? []).map { (link.node, $0) }
        }
    }
}
