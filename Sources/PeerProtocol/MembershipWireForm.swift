import Dynamo
import SwiftProtobuf

extension MembershipState {
    /// The bytes in which the membership is kept on disk and told to a node that joins.
    ///
    /// - Throws: ``PeerProtocolError/unencodable``.
    public func encoded() throws(PeerProtocolError) -> [UInt8] {
        do {
            return try wireForm.serializedBytes()
        } catch {
            throw .unencodable
        }
    }

    /// Reads what ``encoded()`` made.
    public init(encoded bytes: [UInt8]) throws(PeerProtocolError) {
        let wire: PeerMembership
        do {
            wire = try PeerMembership(serializedBytes: bytes)
        } catch {
            throw .malformed
        }
        try self.init(wire: wire)
    }

    var wireForm: PeerMembership {
        var wire = PeerMembership()
        wire.founders = founders.map(\.wireForm)
        (wire.partitions, wire.n) = (Int64(partitions), Int64(n))
        wire.changes = changes.map(\.wireForm)
        wire.completed = completed.map(\.wireForm)
        wire.marks = marks.map { mark in
            var wire = PeerMark()
            (wire.node, wire.counter, wire.drained) = (mark.node, mark.counter, mark.drained)
            (wire.ready, wire.clean) = (mark.ready, mark.clean)
            return wire
        }
        return wire
    }

    init(wire: PeerMembership) throws(PeerProtocolError) {
        guard let partitions = Int(exactly: wire.partitions), let n = Int(exactly: wire.n) else {
            throw .invalid("partitions")
        }
        var changes: [MembershipChange] = []
        for change in wire.changes { changes.append(try MembershipChange(wire: change)) }
        self.init(
            founders: wire.founders.map(Member.init(wire:)), partitions: partitions, n: n, changes: changes,
            completed: wire.completed.map(MembershipChange.ID.init(wire:)),
            marks: wire.marks.map {
                Mark(node: $0.node, counter: $0.counter, ready: $0.ready, clean: $0.clean, drained: $0.drained)
            })
    }
}

extension Member {
    fileprivate var wireForm: PeerMember {
        var wire = PeerMember()
        (wire.name, wire.weight, wire.zone, wire.address) = (name, Int64(weight), zone, address)
        return wire
    }

    fileprivate init(wire: PeerMember) {
        self.init(name: wire.name, weight: Int(wire.weight), zone: wire.zone, address: wire.address)
    }
}

extension MembershipChange.ID {
    fileprivate var wireForm: PeerChangeID {
        var wire = PeerChangeID()
        (wire.number, wire.node, wire.incarnation) = (number, node, incarnation)
        return wire
    }

    fileprivate init(wire: PeerChangeID) {
        self.init(number: wire.number, node: wire.node, incarnation: wire.incarnation)
    }
}

extension MembershipChange {
    fileprivate var wireForm: PeerChange {
        var wire = PeerChange()
        wire.id = id.wireForm
        switch kind {
        case .join(let member): wire.join = member.wireForm
        case .leave(let name): wire.leave = name
        case .replace(let old, let member):
            var replacement = PeerReplacement()
            replacement.old = old
            replacement.member = member.wireForm
            wire.replace = replacement
        }
        return wire
    }

    fileprivate init(wire: PeerChange) throws(PeerProtocolError) {
        let kind: Kind
        switch wire.kind {
        case .join(let member): kind = .join(Member(wire: member))
        case .leave(let name): kind = .leave(name)
        case .replace(let replacement): kind = .replace(replacement.old, by: Member(wire: replacement.member))
        case nil: throw .invalid("change")
        }
        self.init(id: ID(wire: wire.id), kind: kind)
    }
}
