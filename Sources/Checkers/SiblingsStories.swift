import History

/// What the anomalies of the siblings and session checkers say.
extension Narrator {
    func phantomValue(_ finding: Finding) -> Story {
        Story(
            events: [finding.observer],
            message: "\(capital(read(finding.observer))) returned \(name(finding.value)), which nobody ever wrote.")
    }

    func wrongKey(_ finding: Finding) -> Story {
        let key = write(finding.value).map { name($0.key) } ?? "another key"
        return Story(
            events: [invocation(finding.value), finding.observer],
            message: "\(capital(read(finding.observer))) returned \(name(finding.value)), which was written to \(key).")
    }

    func futureRead(_ finding: Finding) -> Story {
        let invoked = invocation(finding.value)
        return Story(
            events: [finding.observer, invoked],
            message: "\(capital(read(finding.observer))) returned \(name(finding.value)) before process "
                + "\(subject.event(invoked).process.rawValue) asked for that write, at \(time(invoked)).")
    }

    func failedWriteVisible(_ finding: Finding) -> Story {
        let completion = write(finding.value)?.completion ?? -1
        return Story(
            events: events(finding.value) + [finding.observer],
            message: "\(capital(read(finding.observer))) returned \(name(finding.value)), though its "
                + "\(kind(finding.value)) was reported at \(time(completion))\(by(completion)) to have failed "
                + "without effect.")
    }

    mutating func staleSibling(_ finding: Finding) -> Story {
        let chain = chain(from: finding.value, to: finding.other)
        let relation = chain.count > 3 ? "descends from" : "replaced"
        return Story(
            events: chain + [finding.observer],
            message: "\(capital(read(finding.observer))) returned \(name(finding.value)) beside "
                + "\(name(finding.other)), whose write at \(time(invocation(finding.other)))"
                + "\(by(invocation(finding.other))) \(relation) it.")
    }

    func lostWrite(_ finding: Finding) -> Story {
        let completion = write(finding.value)?.completion ?? -1
        return Story(
            events: events(finding.value) + [finding.observer],
            message: "\(capital(label(finding.value))) was acknowledged at \(time(completion))\(by(completion)), "
                + "but \(finalRead(finding.observer)) returned \(contents(finding.observer)), "
                + "which neither has it nor saw it.")
    }

    mutating func resurrection(_ finding: Finding) -> Story {
        let completion = write(finding.other)?.completion ?? -1
        return Story(
            events: chain(from: finding.value, to: finding.other) + [completion, finding.observer],
            message: "Delete \(name(finding.other)) of \(name(finding.key)), which had seen \(name(finding.value)), "
                + "was acknowledged at \(time(completion))\(by(completion)), but "
                + "\(finalRead(finding.observer)) returned \(name(finding.value)) again.")
    }

    func readYourWrites(_ finding: Finding) -> Story {
        Story(
            events: events(finding.value) + [finding.observer],
            message: "\(capital(label(finding.value))) was acknowledged to process "
                + "\(subject.event(finding.observer).process.rawValue) at \(time(finding.witness))"
                + "\(by(finding.witness)), but the same process's get at \(time(finding.observer))"
                + "\(from(finding.observer)) returned \(contents(finding.observer)), which neither has it nor saw it.")
    }

    func monotonicReads(_ finding: Finding) -> Story {
        Story(
            events: [invocation(finding.value), finding.witness, finding.observer],
            message: "Process \(subject.event(finding.observer).process.rawValue) read \(name(finding.value)) of "
                + "\(name(finding.key)) at \(time(finding.witness))\(from(finding.witness)), but its get at "
                + "\(time(finding.observer))\(from(finding.observer)) returned \(contents(finding.observer)), "
                + "which neither has it nor saw it.")
    }

    private func finalRead(_ index: Int32) -> String { "the final get at \(time(index))\(from(index))" }

    private func kind(_ id: UInt32) -> String { write(id)?.isDelete == true ? "delete" : "put" }

    /// The sentence's first letter.
    func capital(_ text: String) -> String {
        guard let first = text.first else { return text }
        return first.uppercased() + text.dropFirst()
    }
}
