import Foundation
import History

/// What a run of ours sampled of its store, and where its phases began. Of a foreign history it is empty but for the phases.
public struct RunSamples: Sendable {
    /// How far the store was from agreement with itself.
    public struct Sample: Sendable, Decodable {
        /// Nanoseconds since the run began.
        public var time: Int64 = 0
        public var hintsWaiting: Int
        public var hintsStored: Int
        public var hintsDelivered: Int
        public var keysRepaired: Int
        public var readRepairs: Int
        public var keysDiffering: Int?
        public var rootsDiffering: Int?

        private enum CodingKeys: String, CodingKey {
            case hintsWaiting, hintsStored, hintsDelivered, keysRepaired, readRepairs, keysDiffering, rootsDiffering
        }
    }

    /// Who is home of what.
    public struct Ring: Sendable, Decodable {
        public var n: Int
        /// By ring partition: its homes, the coordinator first.
        public var preference: [[String]]
    }

    /// The begin of a phase, or convergence.
    public struct Milestone: Sendable, Hashable {
        public var name: String
        public var time: Int64
    }

    private struct Form<Value: Decodable>: Decodable {
        var value: Value
    }

    public var samples: [Sample] = []
    public var ring: Ring?
    public var milestones: [Milestone] = []

    public init(_ history: History) {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        for index in history.events.indices where history.events[index].process == .controller {
            let event = history.events[index]
            switch event.function {
            case .phase where event.value != Interner.none:
                milestones.append(Milestone(name: history.string(event.value), time: event.time))
            case .converged: milestones.append(Milestone(name: "converged", time: event.time))
            case .other:
                guard let extras = history.extras[index] else { continue }
                let data = Data("{\(extras)}".utf8)
                switch history.string(event.name) {
                case "sample":
                    guard var sample = try? decoder.decode(Form<Sample>.self, from: data).value else { continue }
                    sample.time = event.time
                    samples.append(sample)
                case "ring" where ring == nil: ring = try? decoder.decode(Form<Ring>.self, from: data).value
                default: continue
                }
            default: continue
            }
        }
    }
}
