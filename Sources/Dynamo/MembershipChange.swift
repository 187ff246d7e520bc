/// An administrator's explicit act upon the membership (DeCandia et al. 2007, §4.8.1), as every node keeps it for ever.
public struct MembershipChange: Hashable, Sendable {
    /// Names a change, and orders all of them alike everywhere: a later number is given by a node that knew of every
    /// earlier one.
    public struct ID: Hashable, Comparable, Sendable {
        public var number: UInt64
        /// Who took the change, and in which incarnation: a node that lost its disk does not give an id again.
        public var node: String
        public var incarnation: UInt64

        public init(number: UInt64, node: String, incarnation: UInt64) {
            self.number = number
            self.node = node
            self.incarnation = incarnation
        }

        public static func < (left: ID, right: ID) -> Bool {
            (left.number, left.node, left.incarnation) < (right.number, right.node, right.incarnation)
        }
    }

    public enum Kind: Hashable, Sendable {
        case join(Member)
        /// The named member leaves; it may be dead.
        case leave(String)
        /// A new member takes the partitions, weight and zone of a member that may be dead.
        case replace(String, by: Member)

        /// The member that comes, if one does.
        public var newcomer: Member? {
            switch self {
            case .join(let member), .replace(_, let member): member
            case .leave: nil
            }
        }
    }

    public var id: ID
    public var kind: Kind

    public init(id: ID, kind: Kind) {
        self.id = id
        self.kind = kind
    }
}
