import Foundation
import Nemesis
import Workload

/// How long a fault took to be there and to be gone, measured by making and undoing it in a running store.
public struct FaultTiming: Sendable {
    /// The fault in the words of a workload file.
    public var line: String
    /// Milliseconds from the call to the effect, and from the call to its undoing, one of each round.
    public var effects: [Double] = []
    public var undos: [Double] = []
    /// Rounds in which it was witnessed.
    public var proven = 0
    /// What witnessed it last, or why it could not be had.
    public var sentence = ""

    public init(line: String) { self.line = line }
}

extension FaultDesk {
    /// Makes and undoes a fault `rounds` times, each for `hold`, with time for the store to settle in between.
    public func measure(_ line: String, rounds: Int, hold: Duration) async -> FaultTiming {
        var timing = FaultTiming(line: line)
        for _ in 0..<rounds {
            switch await round(line, hold: hold) {
            case .failure(let reason):
                timing.sentence = reason.description
                return timing
            case .success(let round):
                timing.effects.append(Double(round.report.begin - round.report.call) / 1e6)
                timing.undos.append(Double(round.report.gone - round.report.end) / 1e6)
                timing.proven += round.proven ? 1 : 0
                timing.sentence = round.sentence
            }
        }
        return timing
    }
}

/// A fault that could not be had, in a sentence.
struct FaultRefused: Error, CustomStringConvertible {
    let description: String
}
