import DynamoNode
import Foundation

/// Feeds decoders with spoilt inputs.
///
/// Every input follows from the seed and its number alone, so that a number is all that must survive a crash to make
/// the input again.
public struct Fuzzer: Sendable {
    /// What came out of a run.
    public struct Tally: Sendable, Hashable {
        public var inputs = 0
        /// Inputs of which something was understood, by decoder.
        public var understood: [Decoder: Int] = [:]
        /// The most memory that the process had in use, in bytes.
        public var residentBytes = 0
    }

    /// The process takes more memory than any input is worth.
    public struct TooMuchMemory: Error, CustomStringConvertible {
        public let input: Int
        public let bytes: Int
        public var description: String { "\(bytes >> 20) MB in use at input \(input)" }
    }

    private static let corpusSize = 2_000
    private static let stride = 65_536

    public let seed: UInt64
    private let corpora: [(decoder: Decoder, entries: [[UInt8]])]

    /// - Parameter decoders: those to be fed, in turn.
    public init(seed: UInt64, decoders: [Decoder] = Decoder.allCases) {
        self.seed = seed
        corpora = decoders.map { ($0, $0.corpus(seed: seed, count: Self.corpusSize)) }
    }

    /// The decoder and the bytes of one input.
    public func input(_ number: Int) -> (decoder: Decoder, bytes: [UInt8]) {
        let corpus = corpora[number % corpora.count]
        var mutator = Mutator(seed: seed ^ (UInt64(number) &* 0x9E37_79B9_7F4A_7C15))
        let bytes = mutator.input(from: corpus.entries)
        // Behind a checksum nothing would be reached: most spoilt contexts get a right one.
        guard corpus.decoder == .context, number / corpora.count % 4 != 0 else { return (corpus.decoder, bytes) }
        return (corpus.decoder, ContextCodec.sealed(Array(bytes.dropLast(4))))
    }

    /// Feeds the inputs of a range of numbers.
    ///
    /// - Parameters:
    ///   - memoryLimit: bytes in use, checked now and then.
    ///   - begin: told the number of each input before it is fed.
    ///   - progress: told the tally now and then.
    public func run(
        _ numbers: Range<Int>, memoryLimit: Int, begin: (Int) -> Void = { _ in }, progress: (Tally) -> Void = { _ in }
    ) throws(TooMuchMemory) -> Tally {
        var tally = Tally()
        for number in numbers {
            begin(number)
            let input = input(number)
            if input.decoder.feed(input.bytes) { tally.understood[input.decoder, default: 0] += 1 }
            tally.inputs += 1
            guard tally.inputs % Self.stride == 0 || number == numbers.upperBound - 1 else { continue }
            tally.residentBytes = max(tally.residentBytes, Self.residentBytes())
            if tally.residentBytes > memoryLimit { throw TooMuchMemory(input: number, bytes: tally.residentBytes) }
            progress(tally)
        }
        return tally
    }

    /// The most that the kernel saw in use so far (VmHWM); 0 where it does not tell.
    private static func residentBytes() -> Int {
        let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) << 10
    }
}
