import Foundation
import Nemesis

#if canImport(Glibc)
    import Glibc
#endif

/// Node processes in the sandbox's network: the effects behind the nemesis's faults.
public final class SandboxBench: Bench {
    /// How long a node may take until it serves.
    private static let readyLimit: Duration = .seconds(10)

    public let nodes: [String]
    private let links: [NodeLink]
    private let store: any Store
    private let processes: [String: NodeProcess]
    private let recorder: Recorder

    init(store: any Store, links: [NodeLink], processes: [String: NodeProcess], recorder: Recorder) {
        self.store = store
        self.links = links
        self.processes = processes
        self.recorder = recorder
        nodes = links.map(\.node)
    }

    public var now: Int64 { recorder.now }

    public func kill(_ node: String) async throws {
        guard let ending = try process(node).end(signal: SIGKILL) else {
            throw NodeProcessError(node: node, reason: "did not end within 5 s of SIGKILL")
        }
        guard ending == .killed(signal: SIGKILL) else {
            throw NodeProcessError(node: node, reason: "had ended before it was killed (\(ending))")
        }
    }

    public func start(_ node: String) async throws {
        try process(node).start()
        try await awaitReady([node])
    }

    public func pause(_ node: String) async throws {
        try process(node).signal(SIGSTOP)
        try await awaitKernelState(of: node) { $0 == "T" }
    }

    public func resume(_ node: String) async throws {
        try process(node).signal(SIGCONT)
        try await awaitKernelState(of: node) { $0 != "T" }
    }

    public func cut(_ cuts: [DirectedLink], clientsOf: [String]) async throws {
        try Tool.run(["nft", "-f", "-"], input: CutRules.replace(with: cuts, clientsOf: clientsOf, links: links))
    }

    public func preferenceList(of key: String) async -> [String]? {
        for link in links where processes[link.node]?.isRunning == true {
            if let list = try? await store.preferenceList(of: key, from: link) { return list }
        }
        return nil
    }

    /// Waits until all of `names` serve; throws the name of the first that does not, with the end of its log.
    func awaitReady(_ names: [String]) async throws {
        let deadline = ContinuousClock.now + Self.readyLimit
        for link in links where names.contains(link.node) {
            while await !store.isReady(link) {
                let process = try process(link.node)
                guard process.isRunning else {
                    throw NodeProcessError(node: link.node, reason: "ended while it started: \(process.lastWords)")
                }
                guard ContinuousClock.now < deadline else {
                    throw NodeProcessError(node: link.node, reason: "does not serve: \(process.lastWords)")
                }
                try await Task.sleep(for: .milliseconds(5))
            }
        }
    }

    /// The kernel shows a stop signal's effect within a millisecond; a second is beyond doubt.
    private func awaitKernelState(of node: String, _ isReached: (Character) -> Bool) async throws {
        let process = try process(node)
        let deadline = ContinuousClock.now + .seconds(1)
        while let state = process.kernelState {
            if isReached(state) { return }
            guard ContinuousClock.now < deadline else { break }
            try await Task.sleep(for: .milliseconds(1))
        }
        throw NodeProcessError(
            node: node, reason: "is in kernel state \(process.kernelState.map(String.init) ?? "gone")")
    }

    private func process(_ node: String) throws -> NodeProcess {
        guard let process = processes[node] else {
            throw NodeProcessError(node: node, reason: "is no node of this run")
        }
        return process
    }
}
