/// Why a ring or a replica cannot be set up as asked.
public enum ConfigurationError: Error, Hashable, Sendable, CustomStringConvertible {
    case noMembers
    /// The node's own name is not among the members.
    case notAMember(String)
    case duplicateMember(String)
    /// The named setting must be at least 1.
    case notPositive(String)
    /// The named setting is beyond what fits: at most `limit`.
    case tooLarge(String, limit: Int)

    public var description: String {
        switch self {
        case .noMembers: "the cluster has no members"
        case .notAMember(let node): "node \(node) is not among the members"
        case .duplicateMember(let node): "member \(node) is listed twice"
        case .notPositive(let setting): "\(setting) must be at least 1"
        case .tooLarge(let setting, let limit): "\(setting) must be at most \(limit)"
        }
    }
}
