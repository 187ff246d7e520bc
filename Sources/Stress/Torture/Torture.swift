import Controller
import Dynamo
import Foundation
import Nemesis
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// Kills and restarts the nodes of a store under load, again and again, and then asks for all that it acknowledged.
///
/// Blocks the calling thread, which must be the one that started the cluster.
public final class Torture {
    /// The bucket of all keys.
    public static let bucket = TortureClient.bucket

    public struct Settings: Sendable {
        /// Kills followed by a restart.
        public var cycles = 1_000
        public var clients = 16
        /// Cycles from one look at everything that was acknowledged to the next.
        public var checkEvery = 100
        public var seed: UInt64 = 1
        public init() {}
    }

    /// What the store did wrong.
    public struct Verdict: Error, CustomStringConvertible, Sendable {
        public let description: String
        /// Something acknowledged is not there any more.
        public var isLoss = false
    }

    /// Planted flaws that lose acknowledged elements of sets that several clients add to at the same time, so that a check
    /// finds it: as tried, one by one.
    public static let flawsSeen: [Flaw] = [
        .plainVectors, .clockOverLocal, .wallClockMerge, .compareSwapped, .skewedDots, .oneSiblingRead,
        .handoffOverwrites, .exchangeOverwrites,
    ]

    /// How far it is.
    public struct Progress: Sendable {
        public var cycles = 0
        public var kills = 0
        public var killsWhileStarting = 0
        public var doubleKills = 0
        public var checks = 0
        public var keys = 0
        public var attempts = 0
        public var acknowledgements = 0
        public var failures = 0
        public var seconds = 0.0
        /// Of a start, until the node took connections, in milliseconds.
        public var slowestStart = 0.0
        public var meanStart = 0.0
        /// Of all nodes, the largest seen at a check.
        public var megabytes = 0.0
    }

    /// Seconds that the healed store may take until its replicas agree.
    private static let convergenceLimit = 60.0

    private let settings: Settings
    private let cluster: LoopbackCluster
    private let ledger: Ledger
    private let shared = TortureClient.Switch()
    private var random: SplitMix64
    private var startTimes: [Double] = []
    private let began = Date()
    public private(set) var progress = Progress()
    /// Told after each cycle and each check.
    public var onProgress: (Progress) -> Void = { _ in }

    /// - Parameter cluster: nodes that run.
    public init(settings: Settings, cluster: LoopbackCluster) {
        self.settings = settings
        self.cluster = cluster
        random = SplitMix64(seed: settings.seed)
        ledger = Ledger(width: 4 * settings.clients)
        for number in 0..<settings.clients {
            let client = TortureClient(
                number: number, seed: settings.seed, ledger: ledger, targets: cluster.endpoints, shared: shared)
            Thread.detachNewThread { client.run() }
        }
    }

    /// All cycles and checks. Throws a ``Verdict`` when something acknowledged is lost or invented, when a node ended by
    /// itself or did not start, or when the replicas did not come to agree.
    public func carryOut() throws {
        defer { shared.ended.store(true, ordering: .releasing) }
        shared.working.store(true, ordering: .releasing)
        while progress.cycles < settings.cycles {
            try cycle()
            progress.cycles += 1
            report()
            if progress.cycles % settings.checkEvery == 0 || progress.cycles == settings.cycles { try check() }
        }
    }

    // MARK: A cycle

    private func cycle() throws {
        // A tenth of the cycles take two nodes at once: of some keys two homes of three.
        var victims = [draw(cluster.nodes.count)]
        if draw(10) == 0 {
            victims.append((victims[0] + 1 + draw(cluster.nodes.count - 1)) % cluster.nodes.count)
            progress.doubleKills += 1
        }
        for victim in victims { cluster.kill(victim) }
        progress.kills += victims.count
        pause(upToMilliseconds: 120)
        try expectNoEndings()
        for victim in victims { try start(victim) }
        pause(upToMilliseconds: 120)
        try expectNoEndings()
    }

    /// Starts a node; one start in eight is itself cut short by a SIGKILL and made again.
    private func start(_ victim: Int) throws {
        do {
            if draw(8) == 0 {
                try cluster.launch(victim)
                pause(upToMilliseconds: 25)
                cluster.kill(victim)
                progress.kills += 1
                progress.killsWhileStarting += 1
            }
            let began = Date()
            try cluster.launch(victim)
            try cluster.awaitReadiness(victim)
            let milliseconds = Date().timeIntervalSince(began) * 1_000
            startTimes.append(milliseconds)
            progress.slowestStart = max(progress.slowestStart, milliseconds)
        } catch {
            throw Verdict(description: "a node did not start: \(error)")
        }
    }

    private func expectNoEndings() throws {
        if let ending = cluster.takeUnexpectedEndings().first {
            throw Verdict(description: "\(ending.node) ended by itself: \(ending.ending)")
        }
        if let corruption = shared.corruption.withLock({ $0 }) { throw Verdict(description: corruption) }
    }

    // MARK: A check

    /// Lets the clients rest and the replicas agree, and reads every key from all its homes.
    private func check() throws {
        shared.working.store(false, ordering: .releasing)
        let deadline = Date() + 10
        while shared.busy.load(ordering: .acquiring) > 0, Date() < deadline { usleep(2_000) }
        try awaitAgreement()
        try settleAccounts()
        progress.checks += 1
        let sizes = cluster.nodes.compactMap(\.pid).map { Double(ProcessTimes.residentBytes(pid: $0)) / 1e6 }
        progress.megabytes = max(progress.megabytes, sizes.max() ?? 0)
        report()
        shared.working.store(true, ordering: .releasing)
    }

    private func awaitAgreement() throws {
        let deadline = Date() + Self.convergenceLimit
        while let reason = cluster.disagreement() {
            guard Date() < deadline else {
                throw Verdict(
                    description: "the replicas did not agree within \(Int(Self.convergenceLimit)) s: \(reason)")
            }
            try expectNoEndings()
            usleep(100_000)
        }
    }

    private func settleAccounts() throws {
        var socket: RiakSocket?
        for account in ledger.accounts {
            var found: UInt64?
            for attempt in 0..<20 where found == nil {
                let target = cluster.endpoints[(account.key + attempt) % cluster.endpoints.count]
                do throws(RiakSocket.Failure) {
                    let open = try RiakSocket.reuse(socket, host: target.host, port: target.port, limit: 3)
                    socket = open
                    guard let read = try TortureClient.read(account.key, r: 3, over: open) else { continue }
                    if read.foreign {
                        throw RiakSocket.Failure(reason: "a value that nobody wrote", beforeSending: false)
                    }
                    found = read.elements
                } catch {
                    socket = nil
                    usleep(50_000)
                }
            }
            guard let found else {
                throw Verdict(description: "key \(Ledger.name(of: account.key)) cannot be read from all its homes")
            }
            if let complaint = account.complaint(about: found) {
                throw Verdict(description: complaint, isLoss: account.acknowledged & ~found != 0)
            }
        }
    }

    // MARK: -

    private func report() {
        let counts = ledger.counts
        (progress.attempts, progress.acknowledgements) = (counts.attempts, counts.acknowledgements)
        progress.keys = ledger.accounts.count
        progress.failures = shared.failures.load(ordering: .relaxed)
        progress.seconds = Date().timeIntervalSince(began)
        progress.meanStart = startTimes.isEmpty ? 0 : startTimes.reduce(0, +) / Double(startTimes.count)
        onProgress(progress)
    }

    private func draw(_ bound: Int) -> Int { bound > 1 ? Int(random.next() % UInt64(bound)) : 0 }

    private func pause(upToMilliseconds limit: Int) { usleep(UInt32(draw(limit * 1_000))) }
}
