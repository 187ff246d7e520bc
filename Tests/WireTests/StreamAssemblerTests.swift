import Testing
import Wire

/// Whatever the network and the capture do to a stream, it comes out as it went in, or with its gaps stated.
@Suite struct StreamAssemblerTests {
    private static let from: (address: UInt32, port: UInt16) = (0x0a4d_0001, 40_000)
    private static let to: (address: UInt32, port: UInt16) = (0x0a4d_0002, 8_099)

    /// What came out: bytes by their places in the stream, with gaps counted over.
    private struct Out {
        var bytes: [Int: UInt8] = [:]
        var place = 0
        var gaps: [Range<Int>] = []
        var begunBefore = 0
        var ends = 0

        mutating func take(_ piece: StreamPiece) {
            switch piece {
            case .bytes(let bytes):
                for byte in bytes {
                    self.bytes[place] = byte
                    place += 1
                }
            case .gap(let count?):
                gaps.append(place..<(place + count))
                place += count
            case .gap(nil): begunBefore += 1
            case .end: ends += 1
            }
        }
    }

    private func give(
        _ assembler: inout StreamAssembler, _ sequence: UInt32, _ payload: ArraySlice<UInt8>, flags: UInt8 = 0,
        cut: Int = 0, _ out: inout Out
    ) {
        let frame = Segments.frame(
            from: Self.from, to: Self.to, sequence: sequence, flags: flags, payload: Array(payload))
        frame.prefix(frame.count - cut).withUnsafeBytes { bytes in
            guard let segment = TCPSegment(ethernet: bytes, length: frame.count) else { return }
            assembler.take(segment, of: bytes) { out.take($0) }
        }
    }

    @Test(arguments: 0..<300)
    func aStreamComesOutAsItWentIn(seed: Int) {
        var random = Random(state: UInt64(seed))
        let stream = (0..<Int.random(in: 1...20_000, using: &random)).map { _ in
            UInt8.random(in: 0...255, using: &random)
        }
        // Every third stream passes the point where sequence numbers wrap around.
        let first: UInt32 =
            seed % 3 == 0
            ? UInt32.max - UInt32.random(in: 0...10_000, using: &random) : .random(in: 0...(.max), using: &random)
        var segments: [Range<Int>] = []
        var place = 0
        while place < stream.count {
            let end = min(stream.count, place + Int.random(in: 1...1_500, using: &random))
            // Some overlap what came before them, as what is sent again does.
            segments.append(max(0, place - (Int.random(in: 0...9, using: &random) == 0 ? 700 : 0))..<end)
            place = end
        }
        segments += segments.filter { _ in Int.random(in: 0...9, using: &random) == 0 }
        // Overtaken by up to some twenty others.
        let order = segments.enumerated().map {
            (Double($0.offset) + Double.random(in: 0...20, using: &random), $0.element)
        }
        .sorted { $0.0 < $1.0 }.map(\.1)

        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, first &- 1, [], flags: Segments.synchronize, &out)
        for range in order { give(&assembler, first &+ UInt32(range.lowerBound), stream[range], &out) }
        give(&assembler, first &+ UInt32(stream.count), [], flags: Segments.end, &out)
        #expect(out.gaps.isEmpty && out.begunBefore == 0 && out.ends == 1)
        #expect((0..<stream.count).map { out.bytes[$0] } == stream)
        #expect(assembler.waitingBytes == 0)
    }

    @Test(arguments: 0..<300)
    func whatTheCaptureMissedIsAGapAndNothingElseIs(seed: Int) {
        var random = Random(state: UInt64(seed) &+ 77)
        let stream = (0..<30_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        let first = UInt32.random(in: 0...(.max), using: &random)
        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, first &- 1, [], flags: Segments.synchronize, &out)
        var missed: Set<Int> = []
        var place = 0
        while place < stream.count {
            let end = min(stream.count, place + Int.random(in: 1...900, using: &random))
            if Int.random(in: 0...7, using: &random) == 0 {
                missed.formUnion(place..<end)
            } else {
                // Now and then only a part of a segment was captured.
                let cut = Int.random(in: 0...9, using: &random) == 0 ? (end - place) / 2 : 0
                missed.formUnion((end - cut)..<end)
                give(&assembler, first &+ UInt32(place), stream[place..<end], cut: cut, &out)
            }
            place = end
            // The receiver says how far it is: it has what the capture has not.
            if Int.random(in: 0...2, using: &random) == 0 {
                assembler.acknowledged(first &+ UInt32(place)) { out.take($0) }
            }
        }
        assembler.acknowledged(first &+ UInt32(stream.count)) { out.take($0) }
        #expect(out.place == stream.count)
        #expect(Set(out.gaps.flatMap { Array($0) }) == missed)
        #expect((0..<stream.count).allSatisfy { missed.contains($0) || out.bytes[$0] == stream[$0] })
    }

    @Test func whatIsLostOnTheWayIsWaitedFor() {
        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, 99, [], flags: Segments.synchronize, &out)
        give(&assembler, 100, [1, 2], &out)
        give(&assembler, 105, [6], &out)
        assembler.acknowledged(102) { out.take($0) }
        #expect(out.place == 2 && out.gaps.isEmpty, "the receiver does not have it either")
        give(&assembler, 102, [3, 4, 5], &out)
        #expect(out.place == 6 && out.gaps.isEmpty)
    }

    @Test func aStreamThatRanBeforeSaysSo() {
        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, 5_000, [], &out)
        #expect(out.begunBefore == 0, "a bare acknowledgement begins nothing")
        give(&assembler, 5_000, [1, 2, 3], &out)
        #expect(out.begunBefore == 1 && out.place == 3)
    }

    @Test func aResetEndsAndANewConnectionOfTheSameEndsBegins() {
        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, 9, [], flags: Segments.synchronize, &out)
        give(&assembler, 10, [1], &out)
        give(&assembler, 20, [9], &out)
        give(&assembler, 11, [], flags: Segments.reset, &out)
        #expect(out.ends == 1 && assembler.waitingBytes == 0)
        give(&assembler, 11, [2], &out)
        #expect(out.place == 1, "nothing comes after a reset")
        give(&assembler, 70_000, [], flags: Segments.synchronize, &out)
        give(&assembler, 70_001, [3, 4], &out)
        #expect(out.place == 3 && out.gaps.isEmpty)
    }

    @Test func waitingIsBounded() {
        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, 0, [], flags: Segments.synchronize, &out)
        let segment = [UInt8](repeating: 7, count: 60_000)
        for number in 0..<200 {
            give(&assembler, 101 &+ UInt32(number * segment.count), segment[...], &out)
            #expect(assembler.waitingBytes <= StreamAssembler.mostWaiting)
        }
        #expect(out.gaps == [0..<100], "what is missing is given up, and said to be")
    }

    @Test func whatIsFarBeyondIsNotWaitedForNorBelievedOfAcknowledgements() {
        var assembler = StreamAssembler()
        var out = Out()
        give(&assembler, 0, [], flags: Segments.synchronize, &out)
        give(&assembler, 1, [1], &out)
        assembler.acknowledged(1_000_000_000) { out.take($0) }
        #expect(out.gaps.isEmpty, "the word of another connection")
        give(&assembler, 100_000_001, [2], &out)
        #expect(out.gaps == [1..<100_000_000] && out.bytes[100_000_000] == 2 && assembler.waitingBytes == 0)
    }
}
