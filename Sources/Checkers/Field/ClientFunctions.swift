import History

/// Which operations the clients of a history did.
struct ClientFunctions {
    /// The names of those that the contract has none for.
    var foreign: Set<String> = []
    /// Whether they did any of the contract.
    var hasOwn = false

    init() {}

    /// As a census counted them.
    init(_ census: HistoryCensus) {
        foreign = Set(census.foreignOperations.keys)
        hasOwn = census.hasOwnOperations
    }

    /// As a model is told from: the operations of the contract are those of a register.
    var linearizableNames: Set<String> { hasOwn ? foreign.union(["get"]) : foreign }
}

extension Subject {
    /// Which operations the clients did.
    func clientFunctions() -> ClientFunctions {
        var result = ClientFunctions()
        var known: Set<UInt32> = []
        forEachOperation { operation in
            let event = self.event(operation.invocation)
            if event.function != .other {
                result.hasOwn = true
            } else if known.insert(event.name).inserted {
                result.foreign.insert(history.string(event.name))
            }
        }
        return result
    }
}
