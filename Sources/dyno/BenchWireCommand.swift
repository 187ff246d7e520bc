import ArgumentParser
import Controller
import Foundation

/// `dyno bench wire`.
struct BenchWireCommand: SandboxedCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire",
        abstract: "Measure the wire witness: does it keep up with the traffic of a store, and what does it cost.",
        discussion: """
            Nodes in network namespaces of their own send each other frames of the peer protocol over real TCP connections, through the \
            bridge that a run has: `replicate` at the rate asked for, each answered by a `replicated`. First without a capture, then with \
            one; what the witness read is compared with what the nodes received, message by message.

              dyno bench wire                           five nodes, 50 MB/s in all
              dyno bench wire --rate 100 --frame 500 --duration 10
              dyno bench wire --file /tmp/b.pcap.gz     write the capture file meanwhile

            Exit status: 0 every message was read and no packet was lost, 2 some were, 254 unusable arguments.
            """)

    @Option(help: "Nodes, 2 to 20.")
    var nodes = 5

    @Option(help: "Megabytes (10^6) a second between nodes, all links together.")
    var rate = 50.0

    @Option(help: "Bytes of a replicated value, which is nearly all of its frame.")
    var frame = 4_096

    @Option(help: "Seconds of traffic in each of the two measurements.")
    var duration = 5.0

    @Option(help: "Write a capture file there, up to --file-limit.", completion: .file())
    var file: String?

    @Option(help: "The most bytes of the capture file.")
    var fileLimit = 64_000_000

    @Flag(help: "Leave out the measurement without a capture.")
    var only = false

    func validate() throws {
        if !(2...20).contains(nodes) { throw ValidationError("--nodes must be 2 to 20, not \(nodes)") }
        if !(rate > 0) || rate > 10_000 {
            throw ValidationError("--rate must be above 0 and at most 10000, not \(rate)")
        }
        if !(0.5...600).contains(duration) { throw ValidationError("--duration must be 0.5 to 600, not \(duration)") }
        if !(16...1_000_000).contains(frame) { throw ValidationError("--frame must be 16 to 1000000, not \(frame)") }
        if fileLimit < 0 { throw ValidationError("--file-limit must be 0 or more, not \(fileLimit)") }
    }

    func checkBeforeSandbox() throws {}

    func runInside() async throws {
        let bench = WireBench(
            nodes: nodes, bytesPerSecond: rate * 1e6, frameBytes: frame, duration: duration, file: file,
            fileLimit: fileLimit, dyno: Executables.beside("dyno"))
        do {
            let result = try await bench.measure(withoutCapture: !only)
            print(result.text)
            if !result.isWhole { throw ExitCode(ExitStatus.unknown) }
        } catch let failure as WireBenchError {
            throw Failure.broken("\(failure)")
        }
    }
}

/// `dyno bench wire-traffic`: one node's share of the traffic of `dyno bench wire`.
struct WireTrafficCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire-traffic", abstract: "One node of dyno bench wire.", shouldDisplay: false)

    @Option var name: String
    @Option var address: String
    @Option(name: .customLong("to")) var peers: [String] = []
    @Option var rate: Double
    @Option var frame: Int
    @Option var duration: Double

    func run() throws {
        do {
            let traffic = try WireTraffic(
                name: name, address: address, peers: peers, bytesPerSecond: rate, frameBytes: frame)
            print(try traffic.run(seconds: duration))
        } catch {
            throw Failure.broken("\(error)")
        }
    }
}
