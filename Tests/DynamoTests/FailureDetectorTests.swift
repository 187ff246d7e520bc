import Dynamo
import Simulation
import Testing

/// A peer that is paused is noticed within two seconds; one that is slow, and slower and slower, is not given up.
struct FailureDetectorTests {
    private static let second: Int64 = 1_000_000_000
    private static let interval: Int64 = 200_000_000

    /// Probes a peer whose answers take `delay(time)` (nil: none comes) and tells when it was suspected.
    private func suspected(until end: Int64, delay: (Int64) -> Int64?) -> [Int64] {
        var detector = FailureDetector(
            peers: ["p"], patience: .init(probeInterval: FailureDetectorTests.interval, misses: 3))
        var answers: [(at: Int64, request: UInt64)] = []
        var suspected: [Int64] = []
        for round in 0..<(end / FailureDetectorTests.interval) {
            let now = round * FailureDetectorTests.interval
            for answer in answers.filter({ $0.at <= now }).sorted(by: { $0.at < $1.at }) {
                _ = detector.heard("p", at: answer.at)
                detector.answered("p", answer.request, at: answer.at)
            }
            answers.removeAll { $0.at <= now }
            if !detector.overdue(at: now).isEmpty { suspected.append(now) }
            detector.probed("p", UInt64(round), at: now)
            if let delay = delay(now) { answers.append((now + delay, UInt64(round))) }
        }
        return suspected
    }

    @Test func aPausedPeerIsSuspectedWithinTwoSeconds() throws {
        // However slow it was before.
        for delay in [1_000_000, 50_000_000, 400_000_000, 1_200_000_000] as [Int64] {
            let pause = 20 * FailureDetectorTests.second
            let times = suspected(until: 25 * FailureDetectorTests.second) { $0 < pause ? delay : nil }
            let first = try #require(times.first)
            // The last answer may come as late as the peer was slow.
            #expect(first >= pause && first - pause <= 2 * FailureDetectorTests.second + delay, "\(delay): \(times)")
            #expect(delay > 100_000_000 || first - pause <= 1_500_000_000)
        }
    }

    @Test func aSlowPeerIsNot() {
        #expect(suspected(until: 30 * FailureDetectorTests.second) { _ in 400_000_000 } == [])
        // Suddenly slow, in both directions.
        #expect(
            suspected(until: 30 * FailureDetectorTests.second) { $0 < 10_000_000_000 ? 500_000 : 800_000_000 } == [])
        // Slower by 100 ms every second.
        #expect(suspected(until: 30 * FailureDetectorTests.second) { $0 / 10 } == [])
    }

    @Test func whoOwesAnAnswerIsDoubtedLongBeforeItIsSuspected() {
        var detector = FailureDetector(
            peers: ["p"], patience: .init(probeInterval: FailureDetectorTests.interval, misses: 3))
        let promptness = detector.promptness("p")
        #expect(promptness <= 50_000_000)
        // Silence alone is no reason: nothing was asked of it.
        #expect(!detector.doubts("p", at: FailureDetectorTests.second))
        detector.asked("p", at: FailureDetectorTests.second)
        detector.asked("p", at: FailureDetectorTests.second + promptness)
        #expect(!detector.doubts("p", at: FailureDetectorTests.second + promptness))
        #expect(detector.doubts("p", at: FailureDetectorTests.second + promptness + 1))
        #expect(!detector.suspects("p"))
        _ = detector.heard("p", at: 2 * FailureDetectorTests.second)
        #expect(!detector.doubts("p", at: 3 * FailureDetectorTests.second))
        // A peer that is slow by habit is given the time that it takes.
        for round in 0..<20 as Range<Int64> {
            let sent = (4 + round) * FailureDetectorTests.second
            detector.probed("p", UInt64(round), at: sent)
            _ = detector.heard("p", at: sent + 100_000_000)
            detector.answered("p", UInt64(round), at: sent + 100_000_000)
        }
        #expect((200_000_000...500_000_000).contains(detector.promptness("p")))
    }

    @Test func requestsMissedBySomebodySlowProveNothing() {
        var detector = FailureDetector(
            peers: ["p"], patience: .init(probeInterval: FailureDetectorTests.interval, misses: 3))
        detector.probed("p", 1, at: 0)
        for _ in 0..<100 { _ = detector.missed("p", at: 400_000_000) }
        #expect(!detector.suspects("p"))
        _ = detector.heard("p", at: 500_000_000)
        _ = detector.missed("p", at: 5 * FailureDetectorTests.second)
        #expect(!detector.suspects("p"))
        detector.probed("p", 2, at: 6 * FailureDetectorTests.second)
        let isNews = detector.missed("p", at: 8 * FailureDetectorTests.second)
        #expect(isNews && detector.suspects("p"))
        let recovered = detector.heard("p", at: 9 * FailureDetectorTests.second).recovered
        #expect(recovered)
        #expect(!detector.suspects("p"))
    }

    @Test func peersComeAndGo() {
        var detector = FailureDetector(
            peers: ["a", "b"], patience: .init(probeInterval: FailureDetectorTests.interval, misses: 3))
        _ = detector.unreachable("b")
        let gone = detector.replacePeers(["b", "c"])
        #expect(gone == ["a"])
        #expect(!detector.knows("a") && detector.suspects("b") && !detector.suspects("c"))
    }

    // MARK: In a cluster

    private func suspecting(_ cluster: Cluster, _ node: String) -> [String] {
        cluster.members.filter { other in
            cluster.replica(other)?.peerStates.contains { $0.name == node && $0.suspected } == true
        }
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func aPausedNodeIsNoticedAndItsReturn(seed: UInt64) throws {
        var settings = Cluster.Settings(nodes: 5)
        settings.seed = seed
        var cluster = try Cluster(settings)
        cluster.run(for: 5 * FailureDetectorTests.second)
        cluster.pause("n3")
        cluster.run(for: 2 * FailureDetectorTests.second)
        #expect(suspecting(cluster, "n3").sorted() == ["n1", "n2", "n4", "n5"])
        cluster.resume("n3")
        cluster.run(for: FailureDetectorTests.second)
        #expect(suspecting(cluster, "n3") == [])
    }

    @Test(arguments: 1...5 as ClosedRange<UInt64>) func aSlowNodeIsNotGivenUp(seed: UInt64) throws {
        var settings = Cluster.Settings(nodes: 5)
        settings.seed = seed
        var cluster = try Cluster(settings)
        cluster.run(for: 3 * FailureDetectorTests.second)
        for step in 4...8 as ClosedRange<Int64> {
            cluster.delay("n3", by: step * 100_000_000)
            for _ in 0..<4 {
                let key = DynamoTests.key("k\(step)")
                _ = cluster.get(GetRequest(key: key), at: "n1")
                cluster.run(for: FailureDetectorTests.second)
            }
        }
        #expect(!cluster.notes.contains { $0.note == .nodeSuspected("n3") })
    }

    @Test func handoffFollowsRecoveryAtOnce() throws {
        var bench = try Bench {
            $0.configuration.antiEntropy = false
            // Only the news of the recovery can set it going.
            $0.configuration.handoffInterval = 3_600_000_000_000
        }
        bench.cluster.pause(bench.order[1])
        bench.cluster.run(for: 2 * FailureDetectorTests.second)
        #expect(bench.put("a", at: bench.order[0])?.dot != nil)
        bench.cluster.crash(bench.order[1])
        bench.cluster.run(for: 500_000_000)
        #expect(bench.hinted(bench.order[3], for: bench.order[1]) == ["a"])
        try bench.cluster.restart(bench.order[1])
        bench.cluster.run(for: 500_000_000)
        #expect(bench.stored(bench.order[1]) == ["a"])
    }
}
