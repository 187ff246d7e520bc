import ArgumentParser
import Controller
import Foundation
import Workload

/// `dyno cluster --sandbox`: a store to break by hand.
extension ClusterCommand {
    /// Says to the inner process where to listen: it is another user there.
    private static let socketVariable = "DYNO_FAULT_SOCKET"
    /// Says to it through which process one gets to its network.
    private static let outerVariable = "DYNO_OUTER_PROCESS"

    var isolation: Isolation { .welcome }
    var staysRoot: Bool { getuid() == 0 }
    var isSandboxed: Bool { sandbox }

    func checkBeforeSandbox() throws {
        guard (1...100_000).contains(rate) else { throw Failure.unusable("--rate must be 1 to 100000") }
        _ = try nodeExecutable()
        _ = try load()
        guard Sandbox.inside == nil else { return }
        setenv(Self.socketVariable, socket ?? FaultRequest.usualSocket, 1)
        setenv(Self.outerVariable, "\(getpid())", 1)
    }

    private func load() throws -> Workload {
        var load = Workload(name: "by-hand")
        if let workload {
            guard let text = try? String(contentsOfFile: workload, encoding: .utf8) else {
                throw Failure.unusable("cannot read the workload file \(workload)")
            }
            do { load = try WorkloadFile.parse(text: text, file: workload) } catch {
                throw Failure.unusable("\(error)")
            }
        }
        (load.faults, load.random) = ([], nil)
        (load.rate, load.length) = (rate, .duration(.seconds(86_400 * 365)))
        return load
    }

    func runInside() async throws {
        let path = data ?? FileManager.default.temporaryDirectory.appendingPathComponent("dyno-cluster-\(UUID())").path
        let socket = ProcessInfo.processInfo.environment[Self.socketVariable] ?? FaultRequest.usualSocket
        let directory: RunDirectory
        let desk: FaultDesk
        do {
            directory = try RunDirectory(exactly: path)
            desk = try await FaultDesk(
                .init(
                    workload: try load(), nodeExecutable: try nodeExecutable(),
                    faultLibrary: Executables.beside("libdyno-faults.so"), socket: socket), directory: directory)
        } catch {
            throw Failure.broken("\(error)")
        }
        let places = await desk.places.map { "  \($0)" }.joined(separator: "\n")
        print(
            """
            a store in \(Sandbox.inside?.rawValue ?? "no namespaces, connections relayed"), \(rate) operations a second on it:
            \(places)
              dyno fault start kill home            then: dyno fault list, dyno fault stop all
              \(entrance)curl http://\(await desk.addresses.first ?? ""):8098/metrics
            Ctrl-C heals everything and stops it; logs and history: \(path)
            """)
        fflush(nil)
        await Self.interrupt()
        await desk.end()
        if data == nil { try? FileManager.default.removeItem(atPath: path) }
    }

    /// How to get to where the nodes are.
    private var entrance: String {
        guard Sandbox.inside != nil, let outer = ProcessInfo.processInfo.environment[Self.outerVariable] else {
            return ""
        }
        return "nsenter --target \(outer) \(Sandbox.inside == .rootless ? "--user " : "")--net "
    }

    private static func interrupt() async {
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            let queue = DispatchQueue(label: "interrupt")
            nonisolated(unsafe) var waiting: CheckedContinuation<Void, Never>? = continuation
            for number in [SIGINT, SIGTERM, SIGHUP] {
                signal(number, SIG_IGN)
                let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
                source.setEventHandler {
                    waiting?.resume()
                    waiting = nil
                }
                source.activate()
                sources.append(source)
            }
        }
    }

    /// Alive as long as the process. Touched once.
    nonisolated(unsafe) private static var sources: [any DispatchSourceSignal] = []
}
