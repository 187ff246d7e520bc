import Causality

/// What the planted flaws about versions do in place of what is right. Nothing here runs unless a flaw is planted.
extension Siblings {
    /// The merge of a flaw that is about merging; nil for any other.
    func merging(_ other: Siblings, _ flaw: Flaw) -> Siblings? {
        switch flaw {
        case .unionMerge: Siblings(versions: (versions + other.versions).map(\.withoutClock))
        case .skewedDots where self != other: withoutSeen(by: other.context, andOf: other)
        case .compareSwapped: keepingAncestors(other)
        default: nil
        }
    }

    /// What neither side's whole context has, as if a dot were seen wherever it is present.
    private func withoutSeen(by context: VersionVector, andOf other: Siblings) -> Siblings {
        let own = self.context
        return Siblings(
            versions: versions.filter { !context.contains($0.dot) } + other.versions.filter { !own.contains($0.dot) })
    }

    private func keepingAncestors(_ other: Siblings) -> Siblings {
        let all = versions + other.versions
        return Siblings(versions: all.filter { version in !all.contains { version.clock.contains($0.dot) } })
    }

    /// The last `count` in order of dot.
    func keepingLast(_ count: Int) -> Siblings { Siblings(versions: Array(versions.suffix(count))) }

    /// Of the version modified last, in microseconds since 1970.
    var latestStamp: UInt64 { versions.map(\.payload.lastModified).max() ?? 0 }
}

extension DottedVersion {
    fileprivate var withoutClock: Self {
        DottedVersion(dot: dot, clock: VersionVector(), payload: payload, tombstone: tombstone)
    }
}

extension VersionVector {
    /// The entries with the greatest counters.
    fileprivate func pruned(to count: Int) -> VersionVector {
        VersionVector(entries: Array(entries.sorted { ($1.counter, $1.actor) < ($0.counter, $0.actor) }.prefix(count)))
    }
}

extension Replica {
    /// The context under which a put is stored.
    func flawedContext(_ request: PutRequest, _ dot: Dot, _ stored: Siblings) -> VersionVector {
        switch configuration.flaw {
        case .forgottenContext: return VersionVector()
        case .clockOverLocal: return request.context.merging(stored.context)
        case .prunedClocks: return request.context.pruned(to: 2)
        case .plainVectors:
            var context = request.context
            context.insert(Dot(actor: dot.actor, counter: dot.counter - 1))
            return context
        default: return request.context
        }
    }

    /// Versions that this node has not seen, under dots of its own, each of which has seen the dot that it had.
    func restamped(_ siblings: Siblings, _ key: Key) -> Siblings {
        let actor = Actor(node: node, incarnation: incarnations.base)
        let stored = ((try? store.object(key)) ?? nil) ?? Siblings()
        var counter = max(stored.context[actor], siblings.context[actor])
        return Siblings(
            versions: siblings.versions.map { version in
                var version = version
                if stored.covers(version.dot) { return version }
                counter += 1
                version.clock.insert(version.dot)
                version.dot = Dot(actor: actor, counter: counter)
                return version
            })
    }

    /// Executes a forwarded put again at another node; false when it is a get, or there is nobody.
    mutating func retry(_ number: UInt64) -> Bool {
        guard let forward = forwards[number], case .put(let put) = forward.request, forward.asked.count < 2,
            let origin = origins.removeValue(forKey: number)
        else { return false }
        forwards[number] = nil
        effects.append(.cancelTimer(.request(number)))
        passOn(put, from: origin, after: forward.asked, reason: "late")
        return true
    }
}
