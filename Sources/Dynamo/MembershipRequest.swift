/// What an administrator asks of the membership.
public enum MembershipRequest: Hashable, Sendable {
    case join(Member)
    case leave(String)
    /// The newcomer gets the old member's weight and zone, whatever it brings.
    case replace(String, by: Member)
}

/// What the administrator is told.
public enum MembershipAnswer: Hashable, Sendable {
    /// The change is on this node's disk and spreads; or it had been made before, and nothing was changed.
    case accepted(MembershipState)
    case refused(MembershipRefusal)
}

/// Why a change of the membership is refused. Nothing was changed.
public enum MembershipRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    case notAMember(String)
    /// Another node goes by that name.
    case nameTaken(String, address: String)
    case lastMember(String)
    case unusable(String)
    /// As many changes as fit have been made.
    case tooManyChanges(limit: Int)
    case storage(String)

    public var description: String {
        switch self {
        case .notAMember(let name): "\(name) is not a member"
        case .nameTaken(let name, let address):
            "a node named \(name) is a member already, at \(address): choose another name, or let it leave first"
        case .lastMember(let name): "\(name) is the last member and cannot leave"
        case .unusable(let what): what
        case .tooManyChanges(let limit):
            "the membership has been changed \(limit) times, which is as often as it can be"
        case .storage(let reason): "the change could not be stored: \(reason)"
        }
    }
}

extension Replica {
    /// Takes an administrator's change, makes it durable, spreads it, and answers.
    mutating func change(_ request: MembershipRequest, for client: RequestID) {
        let kind: MembershipChange.Kind?
        do throws(MembershipRefusal) {
            kind = try membership.recorded.judged(request, target: targetRecorded)
        } catch {
            effects.append(.membership(client, .refused(error)))
            return
        }
        var state = membership.recorded
        if let kind {
            let id = state.nextID(node: node, incarnation: incarnations.base)
            state.add(MembershipChange(id: id, kind: kind))
        }
        record(state, for: client)
    }

    /// The target ring of what is recorded, which may be ahead of what is on disk.
    private var targetRecorded: Ring { membership.adopting(membership.recorded).target }
}

extension Membership {
    /// As it will be once a state is on disk.
    func adopting(_ news: MembershipState) -> Membership {
        var membership = self
        _ = membership.adopt(news)
        return membership
    }
}

extension MembershipState {
    /// The change that a request comes to; nil when it has been made already.
    fileprivate func judged(
        _ request: MembershipRequest, target: Ring
    ) throws(MembershipRefusal) -> MembershipChange.Kind? {
        let kind: MembershipChange.Kind
        switch request {
        case .join(let member):
            try check(member)
            if target.contains(member.name) {
                try checkSame(member)
                return nil
            }
            kind = .join(member)
        case .leave(let name):
            if !target.contains(name) {
                if everybody.contains(where: { $0.name == name }) { return nil }
                throw .notAMember(name)
            }
            if target.members.count == 1 { throw .lastMember(name) }
            kind = .leave(name)
        case .replace(let name, var member):
            try check(member)
            let isKnown = everybody.contains { $0.name == name }
            if target.contains(member.name) {
                try checkSame(member)
                if isKnown, !target.contains(name) { return nil }
                throw .unusable("\(member.name) is a member already: let \(name) leave instead")
            }
            guard let old = target.members.first(where: { $0.name == name }) else { throw .notAMember(name) }
            member.weight = old.weight
            member.zone = old.zone
            kind = .replace(name, by: member)
        }
        if changes.count >= Limits.membershipChanges { throw .tooManyChanges(limit: Limits.membershipChanges) }
        return kind
    }

    private func check(_ member: Member) throws(MembershipRefusal) {
        if !member.isUsable { throw .unusable("the member's name, weight, zone or address is out of range") }
    }

    private func checkSame(_ member: Member) throws(MembershipRefusal) {
        guard let known = everybody.first(where: { $0.name == member.name }), known.address != member.address else {
            return
        }
        throw .nameTaken(member.name, address: known.address)
    }

    /// Whether a state that a peer sent is within bounds.
    var isUsable: Bool {
        founders.count <= Limits.members && changes.count <= Limits.membershipChangesHeard
            && completed.count <= Limits.membershipChangesHeard && marks.count <= Limits.membershipChangesHeard
            && changes.allSatisfy { $0.kind.newcomer?.isUsable != false && $0.id.node.utf8.count <= Limits.nameBytes }
    }
}

extension Member {
    fileprivate var isUsable: Bool {
        (1...Limits.nameBytes).contains(name.utf8.count) && (1...Ring.mostWeight).contains(weight)
            && zone.utf8.count <= Limits.nameBytes && address.utf8.count <= Limits.nameBytes
    }
}
