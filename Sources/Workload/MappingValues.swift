import Yams

/// The types of value that workload files know, each with its range.
extension MappingReader {
    /// A whole number in `range`.
    package func integer(_ key: String, _ range: ClosedRange<Int>) throws(WorkloadError) -> Int? {
        guard let (node, _) = node(key) else { return nil }
        // Int(_:) yields nil for what does not fit, so a number of any length is only out of range.
        guard let text = Self.plain(node), let number = Int(text), range.contains(number) else {
            throw failure(
                key,
                "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(Self.kind(of: node))")
        }
        return number
    }

    /// A whole number that fits 64 bits without a sign.
    package func unsigned(_ key: String) throws(WorkloadError) -> UInt64? {
        guard let (node, _) = node(key) else { return nil }
        guard let text = Self.plain(node), let number = UInt64(text) else {
            throw failure(key, "must be a whole number from 0 to \(UInt64.max), not \(Self.kind(of: node))")
        }
        return number
    }

    /// A duration in `range`.
    package func duration(_ key: String, _ range: ClosedRange<Duration>) throws(WorkloadError) -> Duration? {
        guard let (node, _) = node(key) else { return nil }
        guard let text = Self.plain(node), let duration = DurationText.parse(text[...]), range.contains(duration) else {
            let ends = "\(DurationText.spell(range.lowerBound)) to \(DurationText.spell(range.upperBound))"
            throw failure(
                key, "must be a duration from \(ends), such as 250ms, 3s or 2m, not \(Self.kind(of: node))")
        }
        return duration
    }

    /// `on` or `off`.
    package func toggle(_ key: String) throws(WorkloadError) -> Bool? {
        guard let (node, _) = node(key) else { return nil }
        switch Self.plain(node) {
        case "on": return true
        case "off": return false
        default: throw failure(key, "must be one of on, off, not \(Self.kind(of: node))")
        }
    }

    /// One of the cases of an enumeration, by its raw value.
    package func choice<Choice: RawRepresentable<String> & CaseIterable>(
        _ key: String, _: Choice.Type
    ) throws(WorkloadError) -> Choice? {
        guard let (node, _) = node(key) else { return nil }
        guard let text = Self.text(of: node), let choice = Choice(rawValue: text) else {
            throw failure(key, Self.notOne(of: Choice.allCases.map(\.rawValue), node))
        }
        return choice
    }

    /// A share, `20%`, as a whole number from 0 to 100.
    package func percent(_ key: String) throws(WorkloadError) -> Int? {
        guard let (node, _) = node(key) else { return nil }
        guard let text = Self.plain(node), text.hasSuffix("%"), let share = Int(text.dropLast()),
            (0...100).contains(share)
        else {
            throw failure(key, "must be a whole percentage from 0% to 100%, not \(Self.kind(of: node))")
        }
        return share
    }

    /// `must be one of a, b, not "c"; did you mean "b"?`
    package static func notOne(of allowed: [String], _ node: Node) -> String {
        let message = "must be one of \(allowed.listed), not \(kind(of: node))"
        guard let text = text(of: node), let near = Suggestion.nearest(to: text, among: allowed) else { return message }
        return "\(message); did you mean \"\(near)\"?"
    }

    /// The text of a scalar without quotes: `"16"` is a word, not a number.
    private static func plain(_ node: Node) -> String? {
        guard let scalar = node.scalar, scalar.style == .plain || scalar.style == .any else { return nil }
        return scalar.string
    }
}
