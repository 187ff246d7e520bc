import Foundation
import History

/// What the capture of a run counted between its nodes, by link and second: the history's event `wire`. Nil without one.
struct RunWire: Decodable {
    struct Link: Decodable {
        var from: String
        var to: String
        /// Packets by ``RunWire/step``.
        var sent: [Int]
        var delivered: [Int]
    }

    struct Kind: Decodable {
        var name: String
        var group: String
        /// Messages by ``RunWire/step``.
        var seconds: [Int]
    }

    private struct Form: Decodable {
        var value: RunWire
    }

    /// Seconds that each number of a series stands for.
    var step: Int
    var links: [Link]
    var kinds: [Kind]

    static func of(_ history: History) -> RunWire? {
        for index in history.events.indices.reversed() {
            let event = history.events[index]
            guard event.process == .controller, event.function == .other, history.string(event.name) == "wire",
                let extras = history.extras[index]
            else { continue }
            guard var wire = try? JSONDecoder().decode(Form.self, from: Data("{\(extras)}".utf8)).value,
                (1...1_000_000).contains(wire.step)
            else { return nil }
            wire.clamp()
            return wire
        }
        return nil
    }

    /// Counts as there can be: whoever wrote the file may have had others in mind.
    private mutating func clamp() {
        func sane(_ series: [Int]) -> [Int] { series.prefix(100_000).map { min(max(0, $0), 1_000_000_000_000) } }
        for index in links.indices {
            links[index].sent = sane(links[index].sent)
            links[index].delivered = sane(links[index].delivered)
        }
        for index in kinds.indices { kinds[index].seconds = sane(kinds[index].seconds) }
    }

    /// Messages of each group of kinds by ``step``, the busiest group first.
    var groups: [(name: String, messages: [Int])] {
        var series: [String: [Int]] = [:]
        for kind in kinds {
            var sum = series[kind.group] ?? []
            if sum.count < kind.seconds.count { sum += Array(repeating: 0, count: kind.seconds.count - sum.count) }
            for (place, count) in kind.seconds.enumerated() { sum[place] &+= count }
            series[kind.group] = sum
        }
        return series.map { ($0.key, $0.value) }.sorted {
            let (a, b) = ($0.1.reduce(0, &+), $1.1.reduce(0, &+))
            return a == b ? $0.0 < $1.0 : a > b
        }
    }
}
