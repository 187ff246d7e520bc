import Dynamo
import Simulation
import Testing

/// The same seed gives the same run, effect by effect.
struct DeterminismTests {
    /// FNV-1a over every effect of a run: the same in every process, unlike Swift's own hashes.
    private static func digest(seed: UInt64) throws -> UInt64 {
        var scenario = Scenario.rough(seed: seed)
        scenario.cluster.keepsTrace = true
        scenario.duration = 1_500_000_000
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for line in try scenario.run().cluster.trace {
            for byte in line.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 }
        }
        return digest
    }

    @Test func sameSeedSameTrace() throws {
        let digest = try DeterminismTests.digest(seed: 42)
        #expect(try DeterminismTests.digest(seed: 42) == digest)
        #expect(try DeterminismTests.digest(seed: 43) != digest)
    }

    /// Another process orders its hash tables otherwise: no such order may reach an effect.
    @Test func anotherProcessGivesTheSameTrace() async throws {
        let digest = try DeterminismTests.digest(seed: 44)
        let child = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            print("digest", try DeterminismTests.digest(seed: 44))
        }
        let output = String(decoding: child?.standardOutputContent ?? [], as: UTF8.self)
        #expect(output.contains("digest \(digest)\n"))
    }
}
