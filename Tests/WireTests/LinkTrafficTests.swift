import Testing
import Wire

@Suite struct LinkTrafficTests {
    /// A generator with a known course (splitmix64).
    private struct Random: RandomNumberGenerator {
        var state: UInt64
        mutating func next() -> UInt64 {
            state &+= 0x9E37_79B9_7F4A_7C15
            var mixed = state
            mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
            mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
            return mixed ^ (mixed >> 31)
        }
    }

    /// A witness that misses a packet would call an inert cut real; one that invents packets would call a real one inert.
    @Test(arguments: 0..<200)
    func whetherAnythingPassedInsideAnIntervalIsExact(seed: Int) {
        var random = Random(state: UInt64(seed))
        var traffic = LinkTraffic()
        var times: [Int64] = []
        var time: Int64 = -30_000_000
        for _ in 0..<Int.random(in: 0...60, using: &random) {
            time += Int64.random(in: 1...40_000_000, using: &random)
            times.append(time)
            traffic.add(time: time, bytes: 100)
        }
        for _ in 0..<50 {
            let start = Int64.random(in: -50_000_000...1_000_000_000, using: &random)
            let end = start + Int64.random(in: 30_000_000...500_000_000, using: &random)
            let inside = times.contains { $0 > start && $0 < end }
            #expect((traffic.packets(after: start, before: end) > 0) == inside, "seed \(seed), \(start) to \(end)")
        }
        #expect(traffic.packets == times.count)
    }

    @Test func packetsOutOfOrderAreCountedInTheirSlice() {
        var traffic = LinkTraffic()
        for time: Int64 in [5, 25_000_000, 12_000_000, 13_000_000] { traffic.add(time: time, bytes: 1) }
        #expect(traffic.packets(after: 10_000_000, before: 20_000_000) == 2)
        #expect(traffic.last(before: 20_000_000) == 13_000_000)
        #expect(traffic.first(after: 14_000_000) == 25_000_000)
    }

    @Test func aCutIsProvenOnlyByPacketsThatWereStopped() {
        func witness(attempted: Int, leaks: [CutWitness.Leak]) -> CutWitness {
            CutWitness(
                start: 0, end: 1, directions: 1, attempted: attempted, silent: 0, leaks: leaks, lastBefore: nil,
                firstAfter: nil)
        }
        #expect(witness(attempted: 3, leaks: []).isProven)
        #expect(!witness(attempted: 0, leaks: []).isProven)
        let leak = CutWitness.Leak(from: "n1", to: "n2", packets: 1)
        #expect(!witness(attempted: 3, leaks: [leak]).isProven)
        #expect(witness(attempted: 3, leaks: [leak]).sentence.contains("n1"))
    }
}
