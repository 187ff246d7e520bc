import Foundation
import Fuzzing
import Testing

@Suite("Fuzzing the decoders")
struct FuzzerTests {
    @Test("66,000 spoilt inputs: understood or refused, never a trap, in bounded memory")
    func shortRun() throws {
        let tally = try Fuzzer(seed: 11).run(0..<66_000, memoryLimit: 1 << 30)
        #expect(tally.inputs == 66_000)
        // A fuzzer of which nothing gets through the first check tests nothing behind it.
        for decoder in Decoder.allCases { #expect(tally.understood[decoder, default: 0] > 200, "\(decoder)") }
    }

    @Test("an input follows from the seed and its number alone")
    func determinism() {
        let (first, second) = (Fuzzer(seed: 5), Fuzzer(seed: 5))
        for number in [0, 1, 77, 9_999_999] {
            let input = first.input(number)
            #expect(input.bytes == second.input(number).bytes)
            #expect(input.decoder == second.input(number).decoder)
        }
        #expect((0..<100).contains { Fuzzer(seed: 6).input($0).bytes != first.input($0).bytes })
    }

    @Test("inputs differ, and most are spoilt")
    func variety() {
        let fuzzer = Fuzzer(seed: 5, decoders: [.peer])
        #expect(Set((0..<1_000).map { fuzzer.input($0).bytes }).count > 900)
    }

    @Test("the number in hand outlives whoever set it")
    func marker() throws {
        let path = NSTemporaryDirectory() + "marker-\(UUID().uuidString)"
        defer { try? FileManager.default.removeItem(atPath: path) }
        do {
            let marker = try #require(Marker(path: path))
            marker.number = 123_456_789
        }
        #expect(try #require(Marker(path: path)).number == 123_456_789)
    }

    @Test("a run that takes more memory than it may is ended")
    func memoryLimit() {
        #expect(throws: Fuzzer.TooMuchMemory.self) { try Fuzzer(seed: 1).run(0..<10, memoryLimit: 1) }
    }
}
