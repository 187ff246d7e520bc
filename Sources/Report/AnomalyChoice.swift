import Checkers

/// Finds an anomaly in a verdict as a person names it: by its number, or by what it is about.
public struct AnomalyChoice {
    /// An anomaly with the number that lists give it, from 1.
    public struct Numbered: Sendable, Hashable {
        public var number: Int
        public var checker: CheckerName
        public var anomaly: Anomaly

        /// `type:key:value`, as far as the anomaly has them.
        public var name: String {
            ([anomaly.type.name] + [anomaly.key, anomaly.value, anomaly.other, anomaly.node].compactMap(\.self))
                .joined(separator: ":")
        }
    }

    public let all: [Numbered]

    public init(_ verdict: Verdict) {
        var all: [Numbered] = []
        for (checker, result) in verdict.checkers {
            for anomaly in result.anomalies {
                all.append(Numbered(number: all.count + 1, checker: checker, anomaly: anomaly))
            }
        }
        self.all = all
    }

    /// Those that `text` can mean: the one of that number, or all whose name is `text` or goes on from it after a colon.
    public func matching(_ text: String) -> [Numbered] {
        if let number = Int(text) { return all.filter { $0.number == number } }
        let exact = all.filter { $0.name == text }
        return exact.isEmpty ? all.filter { $0.name.hasPrefix(text + ":") } : exact
    }
}
