extension History {
    /// Checks that the events are a history in the sense of SEMANTICS sections 1 and 2, so that a checker may take it
    /// as such.
    ///
    /// What a history *means* is left to the checkers; an unknown function, node or phase is no fault.
    ///
    /// - Parameter file: the name that the error carries. Its line is that of the interchange form: 1 for the
    ///   header, and
    ///   from 2 the events.
    public func validate(file: String) throws(HistoryError) {
        if header.version != 1 {
            throw HistoryError(
                file: file, line: 1, reason: "version \(header.version) of the form is not known, only 1 is")
        }
        do throws(Malformation) {
            var operations = OperationRules(self)
            var time = Int64.min
            for index in events.indices {
                if events[index].time < time {
                    throw Malformation(index, "time goes back: \(events[index].time) after \(time)")
                }
                time = events[index].time
                try checkMembers(index)
                try operations.check(index, self)
            }
            try checkSeen(writes: operations.writes)
        } catch {
            throw HistoryError(file: file, line: error.index + 2, reason: error.reason)
        }
    }
}

/// A fault of the event at ``index``.
struct Malformation: Error {
    var index: Int
    var reason: String

    init(_ index: Int, _ reason: String) {
        self.index = index
        self.reason = reason
    }
}

extension History {
    /// Whether an event by itself says what an event of its kind must.
    func hasMembers(_ index: Int) -> Bool {
        do throws(Malformation) { try checkMembers(index) } catch { return false }
        return true
    }

    /// Checks what can be said of one event by itself: who may do what, and the members without which it says nothing.
    fileprivate func checkMembers(_ index: Int) throws(Malformation) {
        let event = events[index]
        switch event.function {
        case .get, .put, .delete:
            guard event.process.isClient else { throw wrongProcess(index, "a client process") }
            try require(index, event.key != Interner.none, "key")
            if event.function.isWrite && event.type == .invoke {
                try require(index, event.value != Interner.none, "value")
            }
            if event.function == .get && event.type == .ok { try require(index, event.hasList, "value") }
        case .replica:
            try checkObservation(index)
            try require(index, event.key != Interner.none, "key")
            try require(index, event.home != 0, "home")
            try require(index, event.hasList, "value")
        case .hints:
            try checkObservation(index)
            try require(index, event.number != Event.absent, "count")
        case .root:
            try checkObservation(index)
            try require(index, event.value != Interner.none, "range")
            try require(index, event.hash != Interner.none, "hash")
        case .kill, .restart, .pause, .resume, .wipe, .partition:
            try checkSource(index, .nemesis, .info)
            try require(index, event.hasList, "value")
        case .heal: try checkSource(index, .nemesis, .info)
        case .phase:
            try checkSource(index, .controller, .info)
            try require(index, event.value != Interner.none, "value")
        case .converged: try checkSource(index, .controller, .info)
        case .other: return
        }
    }

    private func checkObservation(_ index: Int) throws(Malformation) {
        try checkSource(index, .inspector, .ok)
        try require(index, events[index].node != Interner.none, "node")
    }

    private func checkSource(_ index: Int, _ process: Process, _ type: EventType) throws(Malformation) {
        let event = events[index]
        if event.process != process { throw wrongProcess(index, "\"\(process.knownName ?? "")\"") }
        if event.type != type {
            let function = event.function.spelling
            throw Malformation(index, "the type of a \(function) must be \(type.spelling), not \(event.type.spelling)")
        }
    }

    private func wrongProcess(_ index: Int, _ wanted: String) -> Malformation {
        let event = events[index]
        return Malformation(
            index, "the process of a \(event.function.spelling) must be \(wanted), not \(spelling(of: event.process))")
    }

    private func require(_ index: Int, _ isThere: Bool, _ member: StaticString) throws(Malformation) {
        if isThere { return }
        let event = events[index]
        throw Malformation(index, "\(event.type.spelling) of \(event.function.spelling) without \(member)")
    }

    /// A process as a person writes it.
    func spelling(of process: Process) -> String {
        if let name = process.knownName { return "\"\(name)\"" }
        if let name = process.otherName { return "\"\(string(name))\"" }
        return "\(process.rawValue)"
    }
}
