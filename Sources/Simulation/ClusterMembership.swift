import Dynamo

/// Nodes that come.
extension Cluster {
    /// Asks a node to let a new member join, or take another's place, and starts it on an empty disk once that is
    /// granted. False when the node asked is down.
    public mutating func admit(_ member: Member, inPlaceOf old: String? = nil, at node: String) -> Bool {
        let change = old.map { MembershipRequest.replace($0, by: member) } ?? .join(member)
        let request = nextRequest
        joining[request] = member
        return self.change(change, at: node) == request
    }

    /// A newcomer was let in: it starts with what it was told.
    mutating func admit(_ member: Member, _ state: MembershipState) {
        if index[member.name] == nil {
            var configuration = settings.configuration
            configuration.node = member.name
            configuration.members = settings.members
            index[member.name] = nodes.count
            nodes.append(Node(name: member.name, configuration: configuration, skew: 0))
        }
        guard let node = index[member.name], nodes[node].replica == nil else { return }
        // A disk that cannot be written yet cannot fail either.
        try? nodes[node].disk.setMembership(nodes[node].disk.membership()?.merging(state) ?? state)
        nodes[node].disk.completeSync(covering: nodes[node].disk.appliedWrites)
        do {
            try start(node)
        } catch {
            notes.append((member.name, .membershipRefused(from: member.name)))
        }
    }
}
