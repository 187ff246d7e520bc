import Dynamo
import PeerProtocol

/// How a node that is told to join a store gets in: it asks a member, and keeps what it is told.
enum Admission {
    /// Asks when the node is no member yet, by what its store knows; a restart asks nobody.
    static func seek(_ configuration: NodeConfiguration, _ engine: any StorageEngine) throws(NodeError) {
        guard let seed = configuration.join else { return }
        var store = engine
        do {
            let known = try store.membership()
            if let known, try isMember(configuration.replica.node, known) { return }
            let own = configuration.replica.members.first { $0.name == configuration.replica.node }
            let member = Member(
                name: configuration.replica.node, weight: own?.weight ?? 1, zone: own?.zone ?? "",
                address: configuration.peer.description)
            let told = try ask(seed, member)
            try store.setMembership(known?.merging(told) ?? told)
        } catch let error as AdminClient.Failure {
            throw .configuration("cannot join the store: \(error)")
        } catch let error as PeerProtocolError {
            throw .configuration("cannot join the store: what \(seed) answered makes no sense: \(error)")
        } catch {
            throw NodeError(starting: error)
        }
    }

    private static func ask(_ seed: Endpoint, _ member: Member) throws -> MembershipState {
        let parameters = [
            ("name", member.name), ("peer", member.address), ("weight", "\(member.weight)"), ("zone", member.zone),
        ]
        let query = parameters.map { "\($0.0)=\(PercentCoding.encode(Array($0.1.utf8)))" }.joined(separator: "&")
        return try MembershipState(encoded: try AdminClient(endpoint: seed).ask("POST", "/admin/join?\(query)"))
    }

    /// Whether a node belongs to the store once all changes are completed.
    private static func isMember(_ node: String, _ state: MembershipState) throws -> Bool {
        let founded = try Ring(members: state.founders, partitions: state.partitions, n: state.n)
        return founded.applying(state.changes.map(\.kind)).contains(node)
    }
}
