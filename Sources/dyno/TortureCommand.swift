import ArgumentParser
import Controller
import Dynamo
import Foundation
import NIOPosix
import Stress

/// `dyno torture`.
struct TortureCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "torture",
        abstract: "Kill and restart nodes under load, a thousand times, and ask for every acknowledged write.",
        discussion: """
            Five dynamo-nodes on loopback addresses, clients that add elements to sets, SIGKILL for a random node (at times for \
            two at once, at times while it starts). Every --check-every cycles the load rests, the replicas must agree, and every \
            key is read from all its homes: an acknowledged element that is in no sibling is a lost write.

              dyno torture --cycles 1000 --seed 7

            With --flaw the nodes have a known fault, and what they acknowledged must be found lost. This load sees faults that lose \
            one of several concurrent writes: \(Torture.flawsSeen.map(\.rawValue).joined(separator: ", ")). Others are mended before \
            anybody looks, as by the Merkle exchange, or need what does not happen here, as deletes, cuts or empty disks: for those there \
            is `dyno calibrate --flaw NAME`, which runs the workload that exposes each.

              dyno torture --flaw plain-vectors --cycles 20 --check-every 5

            The bench itself is put through two other things: each fault alone, or each pair of them, in short runs that must all be \
            valid; and the end of a run by SIGKILL at random moments, which must leave nothing behind.

              dyno torture --faults singles --seeds 3
              dyno torture --faults pairs --only power-loss
              dyno torture --bench --ends 100

            The order of kills follows from the seed; what the clients meet does not. On failure the nodes' data and logs are \
            kept. Exit status: 0 nothing lost and every start served (with --flaw: found lost), 1 not so, 254 unusable arguments, 255 \
            the tool itself failed.
            """)

    @Option(help: "How often a node is killed and started again.")
    var cycles = 1_000

    @Option(help: "Clients at work.")
    var clients = 16

    @Option(help: "Cycles from one check of everything to the next.")
    var checkEvery = 100

    @Option(help: "Of the kills.")
    var seed: UInt64 = 1

    @Option(
        help: "Where the nodes keep their data; by default a temporary directory, kept on failure.",
        completion: .directory)
    var data: String?

    @Option(help: "The dynamo-node to run; by default the one beside dyno.", completion: .file())
    var node: String?

    @Option(
        help:
            "A known fault to plant in every node, by name: then something must be found lost, or the exit status is 1."
    )
    var flaw: String?

    @Option(help: "Instead: short runs of each fault alone (singles) or of each two together (pairs).")
    var faults: FaultMatrix.Kind?

    @Option(help: "With --faults: only those with this name of the matrix.")
    var only: String?

    @Option(help: "With --faults: how many seeds for each.")
    var seeds = 3

    @Option(help: "With --faults: only so many cases, from the first that is not skipped.")
    var cases: Int?

    @Option(help: "With --faults: leave out so many cases, to go on where an earlier one was stopped.")
    var skip = 0

    @Option(help: "With --faults: runs at a time; a run keeps about half a processor busy.")
    var jobs = 1

    @Flag(help: "Instead: runs that are ended by SIGKILL at random moments.")
    var bench = false

    @Option(help: "With --bench: how many.")
    var ends = 100

    @Flag(help: "With --bench: runs without namespaces.")
    var relay = false

    func validate() throws {
        guard (1...1_000).contains(seeds), (1...100_000).contains(ends), cases ?? 1 > 0, skip >= 0,
            (1...64).contains(jobs)
        else {
            throw ValidationError(
                "--seeds: 1 to 1000; --ends: 1 to 100000; --cases: 1 or more; --skip: 0 or more; --jobs: 1 to 64")
        }
        if let flaw, Flaw(rawValue: flaw) == nil {
            let known = Flaw.allCases.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("no known flaw is called \"\(flaw)\"; there are \(known)")
        }
        guard (1...1_000_000).contains(cycles), (1...256).contains(clients), checkEvery > 0 else {
            throw ValidationError("--cycles: 1 to 1000000; --clients: 1 to 256; --check-every: 1 or more")
        }
    }

    func run() throws {
        if let faults {
            let matrix = MatrixRun(node: node, seed: seed, seeds: seeds, jobs: jobs)
            return try matrix.carryOut(faults, only: only, skip: skip, limit: cases)
        }
        if bench { return try BenchTorture(node: node).kills(ends, relay: relay) }
        var settings = Torture.Settings()
        (settings.cycles, settings.clients, settings.checkEvery, settings.seed) = (cycles, clients, checkEvery, seed)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        defer { try? group.syncShutdownGracefully() }
        let arguments = flaw.map { ["--flaw", $0] } ?? []
        try LoopbackStore.run(data: data, node: node, bucket: Torture.bucket, arguments: arguments, group: group) {
            cluster, directory, _ in
            print("machine: \(Machine(directory: directory.path).text)")
            print("five nodes, \(clients) clients, \(cycles) cycles, seed \(seed)")
            if let flaw = flaw.flatMap(Flaw.init) { Self.announce(flaw) }
            let torture = Torture(settings: settings, cluster: cluster)
            torture.onProgress = { progress in
                if progress.cycles % 50 == 0 || progress.cycles == settings.cycles { Self.say(progress, of: settings) }
            }
            do {
                try torture.carryOut()
            } catch let verdict as Torture.Verdict where flaw != nil && verdict.isLoss {
                print("found after \(torture.progress.cycles) cycles, as it must be: \(verdict)")
                return
            } catch {
                directory.isKept = true
                print("FAILED after \(torture.progress.cycles) cycles: \(error)")
                print("what the nodes stored and logged: \(directory.path)")
                throw ExitCode(ExitStatus.invalid)
            }
            Self.conclude(torture.progress)
            if let flaw {
                print("NOT FOUND: \(flaw) is planted in every node, and nothing was found lost")
                throw ExitCode(ExitStatus.invalid)
            }
        }
    }

    private static func announce(_ flaw: Flaw) {
        if Torture.flawsSeen.contains(flaw) { return print("planted in every node: \(flaw.rawValue)") }
        let seen = Torture.flawsSeen.map(\.rawValue).joined(separator: ", ")
        FileHandle.standardError.write(
            Data(
                """
                warning: this load is not known to see \(flaw.rawValue): `dyno calibrate --flaw \(flaw.rawValue)` runs the workload \
                that exposes it; here are seen \(seen)

                """.utf8))
    }

    private static func say(_ progress: Torture.Progress, of settings: Torture.Settings) {
        print(
            String(
                format: "%5d/%d cycles  %4d kills  %8d acknowledged  %5.0f/s  %6d attempts failed  %2d checks  %5.0f s",
                progress.cycles, settings.cycles, progress.kills, progress.acknowledgements,
                Double(progress.acknowledgements) / max(0.001, progress.seconds), progress.failures, progress.checks,
                progress.seconds))
        fflush(nil)
    }

    private static func conclude(_ progress: Torture.Progress) {
        print(
            String(
                format: """
                    nothing lost: %d acknowledged writes to %d keys, all of them found at the end
                    %d SIGKILLs in %d cycles (%d of two nodes at once, %d while starting) in %.0f s; every start served, in %.0f ms \
                    on average, %.0f ms at most; up to %.1f MB a node
                    """,
                progress.acknowledgements, progress.keys, progress.kills, progress.cycles, progress.doubleKills,
                progress.killsWhileStarting, progress.seconds, progress.meanStart, progress.slowestStart,
                progress.megabytes))
    }
}

extension FaultMatrix.Kind: ExpressibleByArgument {}
