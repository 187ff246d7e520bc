import Calibration
import Checkers
import Dynamo
import History
import Report
import Testing
import Workload

/// A workload in virtual time is a run like any other, and can be repeated to the byte.
struct SimulatedRunTests {
    private func history(_ name: String, seed: UInt64) throws -> History {
        let workload = try Project.workload(name).thinned(by: 8)
        return try SimulatedRun.history(of: .init(workload: workload, seed: seed))
    }

    /// FNV-1a over every event and string: the same in every process, unlike Swift's own hashes.
    private func digest(_ history: History) -> UInt64 {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        func add(_ text: String) { for byte in text.utf8 { digest = (digest ^ UInt64(byte)) &* 0x100_0000_01b3 } }
        for event in history.events {
            add("\(event)")
            guard event.function == .get, event.type == .ok else { continue }
            for version in history.versions(of: event) { add("\(version)") }
        }
        return digest
    }

    @Test func sameSeedSameHistory() throws {
        let digest = digest(try history("contention", seed: 5))
        #expect(self.digest(try history("contention", seed: 5)) == digest)
        #expect(self.digest(try history("contention", seed: 6)) != digest)
    }

    @Test func anotherProcessPlaysTheSame() async throws {
        let digest = digest(try history("handoff", seed: 9))
        let child = await #expect(processExitsWith: .success, observing: [\.standardOutputContent]) {
            let tests = SimulatedRunTests()
            print("digest", tests.digest(try tests.history("handoff", seed: 9)))
        }
        let output = String(decoding: child?.standardOutputContent ?? [], as: UTF8.self)
        #expect(output.contains("digest \(digest)\n"))
    }

    /// What a workload demands of a run is there in virtual time, too: the verdict counts.
    @Test func theWholeLoadOfAWorkloadIsExercised() throws {
        let workload = try Project.workload("handoff")
        let history = try SimulatedRun.history(of: .init(workload: workload, seed: workload.seed))
        let verdict = RunCheck.verdict(on: history, checkers: [])
        #expect(verdict.validity == .valid, "\(verdict.exercise?.reason ?? "")")
        let exercise = Exercise(history)
        #expect(exercise.kills == 8 && exercise.partitions == 1 && exercise.operations >= 15_000)
    }

    @Test func thinLoadsKeepTheirFaults() throws {
        let workload = try Project.workload("handoff")
        let thin = workload.thinned(by: 5)
        #expect(thin.faults == workload.faults)
        #expect(thin.rate == 120 && thin.length == .operations(3_000) && thin.keys.count == 200)
        #expect(workload.thinned(by: 1) == workload)
    }
}
