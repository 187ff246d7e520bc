import History

/// Writes that every later read (of a client, of a replica) must cover, and the check that it does.
///
/// Asking for each write at each read would cost writes × reads. But most of them are long behind a few newer ones: a
/// write that was found behind a version s is kept in a *group* under s, and as long as a read covers s it covers the
/// group. Groups merge read by read, so that a sound history keeps about as many as a read has versions.
struct CoverageFrontier {
    /// Writes that are all behind `guardian`, or the guardian itself.
    private struct Group {
        var guardian: Int32
        var first: Int32
        var last: Int32
        /// Whether the guardian is one of the members.
        var hasGuardian: Bool
    }

    /// A write that must be covered, linked to the next one of its group.
    private struct Member {
        var write: Int32
        /// The event since which it must be.
        var source: Int32
        var next: Int32
    }

    /// A write that a read does not cover, and the event since which it should have been.
    struct Loss {
        var write: Int32
        var source: Int32
    }

    private var groups = ContiguousArray<Group>()
    private var members = ContiguousArray<Member>()
    private var merged = ContiguousArray<Group>()
    private var kept = ContiguousArray<Group>()

    /// From how many groups on one walk back from the read is cheaper than a question a group.
    private static let spreadThreshold = 24

    /// Forgets every write.
    mutating func removeAll() {
        groups.removeAll(keepingCapacity: true)
        members.removeAll(keepingCapacity: true)
    }

    /// From here on `write` must be covered, because of the event `source`.
    mutating func add(_ write: Int32, source: Int32) {
        let member = append(write, source)
        groups.append(Group(guardian: write, first: member, last: member, hasGuardian: true))
    }

    /// Finds the writes that the loaded set does not cover, appends them to `losses` and forgets them.
    ///
    /// - Parameters:
    ///   - settled: no later check is of a set seen before this event, so that a write deleted for certain by then
    ///     need not be asked for again.
    ///   - remember: whether the puts of this set must be covered from now on, too.
    mutating func check(
        _ coverage: inout Coverage, _ subject: Subject, settled: Int32, remember: Bool = false, source: Int32 = -1,
        losses: inout ContiguousArray<Loss>
    ) {
        spreadIfMany(&coverage, subject)
        merged.removeAll(keepingCapacity: true)
        kept.removeAll(keepingCapacity: true)
        for version in coverage.content {
            merged.append(Group(guardian: version, first: -1, last: -1, hasGuardian: false))
        }
        for group in groups {
            let slot = coverage.slot(behind: group.guardian)
            if slot >= 0 {
                join(group, into: Int(slot))
            } else {
                dissolve(group, &coverage, subject, settled: settled, losses: &losses)
            }
        }
        if remember { self.remember(coverage, subject, source: source) }
        groups.removeAll(keepingCapacity: true)
        for group in merged where group.first >= 0 { groups.append(group) }
        groups.append(contentsOf: kept)
    }

    private func spreadIfMany(_ coverage: inout Coverage, _ subject: Subject) {
        guard groups.count > CoverageFrontier.spreadThreshold else { return }
        var lowest = Int32.max
        for group in groups { lowest = min(lowest, subject.order.level[Int(group.guardian)]) }
        coverage.spread(downTo: lowest)
    }

    /// Asks for each member of a group whose guardian is not behind the loaded set.
    private mutating func dissolve(
        _ group: Group, _ coverage: inout Coverage, _ subject: Subject, settled: Int32,
        losses: inout ContiguousArray<Loss>
    ) {
        var next = group.first
        while next >= 0 {
            let position = next
            let member = members[Int(position)]
            next = member.next
            members[Int(position)].next = -1
            let alone = Group(guardian: member.write, first: position, last: position, hasGuardian: true)
            let slot = member.write == group.guardian ? -1 : coverage.slot(behind: member.write)
            if slot >= 0 {
                join(alone, into: Int(slot))
            } else if subject.horizon.earliestAckedDelete[Int(member.write)] < settled {
                continue
            } else if coverage.excusesAbsence(of: member.write) {
                kept.append(alone)
            } else {
                losses.append(Loss(write: member.write, source: member.source))
            }
        }
    }

    private mutating func join(_ group: Group, into slot: Int) {
        if merged[slot].first < 0 {
            merged[slot].first = group.first
        } else {
            members[Int(merged[slot].last)].next = group.first
        }
        merged[slot].last = group.last
        if group.hasGuardian, group.guardian == merged[slot].guardian { merged[slot].hasGuardian = true }
    }

    private mutating func remember(_ coverage: Coverage, _ subject: Subject, source: Int32) {
        for slot in merged.indices where !merged[slot].hasGuardian {
            let version = merged[slot].guardian
            if subject.writes.writes[Int(version)].isDelete { continue }
            let member = append(version, source)
            join(Group(guardian: version, first: member, last: member, hasGuardian: true), into: slot)
        }
    }

    private mutating func append(_ write: Int32, _ source: Int32) -> Int32 {
        members.append(Member(write: write, source: source, next: -1))
        return Int32(members.count - 1)
    }
}
