import History

/// How the field's checkers take a history.
package struct GroupSettings: Sendable {
    /// What a group of keys and what is made of it may take in memory, in bytes.
    package var memory: Int
    /// Into how large groups a history goes that is too large as a whole; nil: as large as fit.
    package var groupSize: Int?
    /// Up to so many groups the history is read once for each; more go to temporary files.
    package var mostWalks = 6
    /// Where these are made.
    package var directory: String

    package init(memory: Int, groupSize: Int? = nil, directory: String = "/tmp") {
        self.memory = memory
        self.groupSize = groupSize
        self.directory = directory
    }
}

/// Runs the field's checkers on a history that may be larger than memory: the same results, to the byte, as
/// ``check(_:checkers:maxAnomalies:options:)`` has for them on the whole.
///
/// What fits is taken as a whole. Of a larger history the events of as many keys as fit are read at a time, in one walk over the
/// blocks for each group of keys, and what the checkers find in the groups is merged. The ids of `unique-ids` are taken in shares of
/// their own. `causal` follows the clients from key to key, and needs the whole.
package struct GroupedCheck {
    private let source: BlockSource
    private let checkers: [CheckerName]
    private let limit: Int
    private let options: CheckOptions
    private let settings: GroupSettings
    /// The checkers that take keys in groups.
    private let grouped: [CheckerName]

    /// - Parameter checkers: those of the rest of the field; others are passed over.
    package init(
        _ source: BlockSource, checkers: [CheckerName], maxAnomalies: Int, options: CheckOptions,
        settings: GroupSettings
    ) {
        self.source = source
        self.checkers = CheckerName.allCases.filter { checkers.contains($0) && !CheckerName.contract.contains($0) }
        limit = maxAnomalies
        self.options = options
        self.settings = settings
        grouped = self.checkers.filter { $0 != .causal && $0 != .uniqueIDs }
    }

    /// The results, in the order of ``CheckerName/allCases``; nil when some write has seen what it cannot have seen, which
    /// ``History/validate(file:)`` tells of. All other rules of that function the history must keep.
    package func results() throws(HistoryError) -> [(name: CheckerName, result: CheckerResult)]? {
        let (census, whole) = try HistoryGroup.readAll(
            source, weights, together: together, memory: settings.groupSize == nil ? settings.memory : 0)
        let functions = ClientFunctions(census)
        if let whole {
            let subject = Subject(group: whole)
            guard subject.hasSoundSeen else { return nil }
            return checkers.compactMap { name in
                FieldCheckers.result(name, subject, options, limit: limit).map { (name, $0) }
            }
        }
        guard let tallies = try survey(census.groups(limit: settings.groupSize ?? target), functions) else {
            return nil
        }
        var results: [(name: CheckerName, result: CheckerResult)] = []
        for name in checkers {
            switch name {
            case .uniqueIDs: results.append((name, try uniqueIDs(census)))
            case .causal: results.append((name, causal(census)))
            default: if let tally = tallies[name] { results.append((name, tally.conclude())) }
            }
        }
        return results
    }

    /// What the checkers find, group after group; nil when some write has seen what it cannot have seen.
    private func survey(
        _ groups: [KeyGroup], _ functions: ClientFunctions
    ) throws(HistoryError) -> [CheckerName: FieldTally]? {
        if let heavy = groups.max(by: { $0.weight < $1.weight }), heavy.weight > settings.memory, !grouped.isEmpty {
            throw tooMuch(heavy)
        }
        var tallies: [CheckerName: FieldTally] = [:]
        if grouped.isEmpty { return tallies }
        var isSound = true
        var split = HistorySplit.Settings(memory: settings.memory / 4, directory: settings.directory)
        split.mostWalks = settings.mostWalks
        try HistorySplit(source, together: together, settings: split).forEach(groups) { (group) throws(HistoryError) in
            let subject = Subject(group: group)
            isSound = subject.hasSoundSeen
            guard isSound else { return false }
            for name in grouped {
                let tally = FieldCheckers.survey(name, subject, options, functions, limit: limit)
                tallies[name] = tallies[name].flatMap { known in tally.map { known.merged(with: $0) } } ?? tally
            }
            return true
        }
        return isSound ? tallies : nil
    }

    private func tooMuch(_ keys: KeyGroup) -> HistoryError {
        let names = grouped.map(\.rawValue).joined(separator: ", ")
        let whose = keys.isKeyless ? "the operations without a key, which cannot be split" : "the operations on one key"
        return HistoryError(
            file: source.name,
            reason: "to check \(whose), needs about \(keys.weight >> 20) MB of memory (\(names)), and --memory gives "
                + "\(settings.memory >> 20) MB")
    }

    private func uniqueIDs(_ census: HistoryCensus) throws(HistoryError) -> CheckerResult {
        let ids = census.foreignOperations["generate", default: 0]
        let shares = ids * UniqueIDsChecker.Tally.bytesOfID / max(settings.groupSize ?? settings.memory, 1) + 1
        return try UniqueIDsChecker.survey(source, shares: min(shares, ids), limit: limit).conclude()
    }

    private func causal(_ census: HistoryCensus) -> CheckerResult {
        let needed = census.weight + census.processes * census.writes * MemoryLayout<Int32>.stride
        return CheckerResult(validity: .unknown, reason: CausalChecker.whyTooMuch(needed, settings.memory))
    }
}

/// What checkers need of memory.
extension GroupedCheck {
    /// Estimates are not exact; blocks that are read and merged tallies take something beside a group.
    private var target: Int { max(settings.memory / 4 * 3 - 24 << 20, settings.memory / 4) }

    /// A set, a counter or a register without a key is one object; *availability* looks at each operation by itself.
    private var together: Togetherness {
        if checkers.contains(where: { $0 == .setFull || $0 == .counter || $0 == .linearizable }) { return .keyed }
        return grouped == [.availability] ? .own : .keyedOnly
    }

    /// About how many bytes events take with what is made of them for these checkers.
    private var weights: EventWeights {
        var weights = EventWeights()
        (weights.event, weights.write, weights.listed) = (88, 168, 40)
        (weights.extras, weights.extrasByte) = (112, 2)
        if checkers.contains(.linearizable) {
            weights.event += 112
            weights.extrasByte += 4
        }
        if checkers.contains(.setFull) {
            weights.extras += 96
            weights.extrasByte += 8
        }
        if checkers.contains(.counter) { weights.extras += 32 }
        if checkers.contains(.cart) { weights.extrasByte += 8 }
        return weights
    }
}

extension Verdict {
    /// The verdict of several checkers, in whatever order, on one history.
    ///
    /// - Parameter truncation: why the history is shorter than its run, if it is.
    package init(
        _ results: [(name: CheckerName, result: CheckerResult)], events: Int, truncation: Truncation?
    ) {
        let sorted = CheckerName.allCases.compactMap { name in results.first { $0.name == name } }
        let validity = sorted.reduce(Validity.valid) { $0.worse($1.result.validity) }
        self.init(validity: validity, events: events, checkers: sorted, truncation: truncation)
    }
}

extension Subject {
    /// Whether what every write has seen are writes of its key, and no write comes before itself.
    var hasSoundSeen: Bool { writes.seesOnlyEarlier || history.hasSoundSeen }
}
