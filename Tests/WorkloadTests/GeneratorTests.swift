import Testing
import Workload

/// The operations of a load: which keys, which kinds, and what a write passes back.
@Suite struct GeneratorTests {
    private static func workload(
        mix: Workload.Mix = Workload.Mix(), keys: KeySpace = KeySpace(count: 20)
    ) -> Workload {
        var workload = Workload(name: "test")
        workload.mix = mix
        workload.keys = keys
        return workload
    }

    /// Runs some processes in turn against a store that remembers the last version of each key.
    private static func run(_ workload: Workload, seed: UInt64, operations: Int, processes: Int64 = 4) -> [Operation] {
        var generator = Generator(workload: workload, seed: seed)
        var stored: [String: StoredVersion] = [:]
        return (0..<operations).map { number in
            let operation = generator.next(process: Int64(number) % processes)
            switch operation.action {
            case .get:
                let version = stored[operation.key]
                generator.learn(
                    ReadAnswer(
                        versions: version.map { [$0] } ?? [], context: version.map { Array($0.id.utf8) }),
                    from: operation)
            case .put(let write), .delete(let write):
                stored[operation.key] = StoredVersion(payload: write.payload, tombstone: operation.function == .delete)
            }
            return operation
        }
    }

    @Test func theSameSeedAndAnswersGiveTheSameSequence() {
        let first = Self.run(Self.workload(), seed: 7, operations: 5_000)
        #expect(first == Self.run(Self.workload(), seed: 7, operations: 5_000))
        #expect(first != Self.run(Self.workload(), seed: 8, operations: 5_000))
    }

    @Test func aProcessDoesNotDependOnTheOthers() {
        let workload = Self.workload(mix: Workload.Mix(get: 1, put: 1, delete: 0, blindPercent: 100))
        let alone = Self.run(workload, seed: 3, operations: 100, processes: 1)
        let among = Self.run(workload, seed: 3, operations: 400, processes: 4).filter { $0.process == 0 }
        #expect(alone == among)
    }

    @Test func idsAreUnique() {
        let ids = Self.run(Self.workload(), seed: 1, operations: 20_000).compactMap { $0.write?.id }
        #expect(ids.count > 8_000 && Set(ids).count == ids.count)
    }

    @Test func kindsComeByWeight() {
        let mix = Workload.Mix(get: 30, put: 60, delete: 10, blindPercent: 25)
        let operations = Self.run(Self.workload(mix: mix), seed: 5, operations: 40_000)
        let puts = operations.filter { $0.function == .put }
        let deletes = operations.filter { $0.function == .delete }
        // A few reads stand before writes, so the writes fall a little short of their weights.
        #expect(abs(Double(puts.count) / 40_000 - 0.6) < 0.02)
        #expect(abs(Double(deletes.count) / 40_000 - 0.1) < 0.01)
        let blind = puts.filter { $0.write?.context == nil }
        #expect(abs(Double(blind.count) / Double(puts.count) - 0.25) < 0.02)
    }

    /// Pearson's statistic over 50 keys stays below the 99.9 % point of chi-square with 49 degrees of freedom.
    @Test(arguments: [KeySpace.Distribution.uniform, .zipf(0.99), .zipf(2)])
    func keysFollowTheirDistribution(_ distribution: KeySpace.Distribution) {
        let keys = KeySpace(count: 50, distribution: distribution)
        let draws = 100_000
        let mix = Workload.Mix(get: 1, put: 0, delete: 0, blindPercent: 0)
        var counts = [Int](repeating: 0, count: keys.count)
        for operation in Self.run(Self.workload(mix: mix, keys: keys), seed: 11, operations: draws) {
            counts[operation.rank] += 1
            #expect(operation.key == keys.name(rank: operation.rank))
        }
        var shares = (1...keys.count).map { rank in
            if case .zipf(let exponent) = distribution { return Self.power(Double(rank), -exponent) }
            return 1
        }
        let sum = shares.reduce(0, +)
        shares = shares.map { $0 / sum }
        var statistic = 0.0
        for (count, share) in zip(counts, shares) {
            let expected = share * Double(draws)
            statistic += (Double(count) - expected) * (Double(count) - expected) / expected
        }
        #expect(statistic < 85.4, "chi-square \(statistic)")
    }

    /// The power by repeated square roots, so that the test does not share the library function with what it tests.
    private static func power(_ base: Double, _ exponent: Double) -> Double {
        guard exponent >= 0 else { return 1 / power(base, -exponent) }
        var result = 1.0
        for _ in 0..<Int(exponent) { result *= base }
        var fraction = exponent - Double(Int(exponent))
        var root = base
        for _ in 0..<50 {
            root = root.squareRoot()
            fraction *= 2
            if fraction >= 1 {
                result *= root
                fraction -= 1
            }
        }
        return result
    }

    @Test func aFirstPutReadsFirstAndPassesTheContextBack() {
        let workload = Self.workload(
            mix: Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 0), keys: KeySpace(count: 1))
        var generator = Generator(workload: workload, seed: 1)
        let read = generator.next(process: 0)
        #expect(read.function == .get)
        let answer = ReadAnswer(
            versions: [
                StoredVersion(payload: Array("9-1|...".utf8)),
                StoredVersion(payload: Array("9-2".utf8), tombstone: true),
            ],
            context: [1, 2, 3])
        generator.learn(answer, from: read)
        for number in 1...3 {
            // The context of the last read, again and again, until there is another read.
            let put = generator.next(process: 0)
            #expect(put.function == .put && put.key == read.key)
            #expect(put.write?.id == "0-\(number)")
            #expect(put.write?.context == [1, 2, 3] && put.write?.seen == ["9-1", "9-2"])
            #expect(put.write?.payload.count == workload.valueSize)
            #expect(put.write.map { ValueForm.id(of: $0.payload) } == "0-\(number)")
        }
        // Another process has read nothing.
        #expect(generator.next(process: 1).function == .get)
    }

    @Test func aPutWhoseReadFailedIsGivenUp() {
        let workload = Self.workload(
            mix: Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 0), keys: KeySpace(count: 1))
        var generator = Generator(workload: workload, seed: 1)
        for _ in 0..<5 { #expect(generator.next(process: 0).function == .get) }
    }

    @Test func aPutAfterNothingWasFoundHasNoContext() {
        let workload = Self.workload(
            mix: Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 0), keys: KeySpace(count: 1))
        var generator = Generator(workload: workload, seed: 1)
        generator.learn(ReadAnswer(versions: [], context: nil), from: generator.next(process: 0))
        let put = generator.next(process: 0)
        #expect(put.function == .put && put.write?.context == nil && put.write?.seen == [])
    }

    @Test func aDeleteAlwaysHasReadWhatItDeletes() {
        let workload = Self.workload(
            mix: Workload.Mix(get: 0, put: 0, delete: 1, blindPercent: 0), keys: KeySpace(count: 1))
        var generator = Generator(workload: workload, seed: 1)
        // Nothing there: only reads.
        for _ in 0..<3 {
            let read = generator.next(process: 0)
            #expect(read.function == .get)
            generator.learn(ReadAnswer(versions: [], context: nil), from: read)
        }
        let read = generator.next(process: 0)
        generator.learn(ReadAnswer(versions: [StoredVersion(payload: Array("5-5".utf8))], context: [7]), from: read)
        let delete = generator.next(process: 0)
        #expect(delete.function == .delete && delete.write?.context == [7] && delete.write?.seen == ["5-5"])
        #expect(delete.write?.payload == Array("0-1".utf8))
    }

    @Test func aRetiredProcessIsForgotten() {
        let workload = Self.workload(
            mix: Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 0), keys: KeySpace(count: 1))
        var generator = Generator(workload: workload, seed: 1)
        generator.learn(ReadAnswer(versions: [], context: [1]), from: generator.next(process: 0))
        generator.retire(process: 0)
        #expect(generator.next(process: 0).function == .get)
    }

    @Test func quorumsAreSentOnlyWhenAskedFor() {
        var workload = Self.workload(mix: Workload.Mix(get: 1, put: 1, delete: 0, blindPercent: 100))
        #expect(
            Self.run(workload, seed: 1, operations: 100).allSatisfy { $0.action == .get(r: nil) || $0.write?.w == nil })
        workload.requestQuorum = Workload.RequestQuorum(r: 1, w: 3)
        for operation in Self.run(workload, seed: 1, operations: 100) {
            if let write = operation.write { #expect(write.w == 3) } else { #expect(operation.action == .get(r: 1)) }
        }
    }
}
