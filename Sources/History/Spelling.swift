/// How the interchange form spells the closed sets of SEMANTICS section 1.

extension Process {
    /// The process that a string names, or nil when it is none of the three known ones.
    static func named(_ name: String) -> Process? {
        switch name {
        case "nemesis": .nemesis
        case "controller": .controller
        case "inspector": .inspector
        default: nil
        }
    }

    /// The name of one of the three known processes; nil for a client and for any other name.
    var knownName: String? {
        switch self {
        case .nemesis: "nemesis"
        case .controller: "controller"
        case .inspector: "inspector"
        default: nil
        }
    }
}

extension EventType {
    /// `invoke`, `ok`, `fail` or `info`.
    public var spelling: String {
        switch self {
        case .invoke: "invoke"
        case .ok: "ok"
        case .fail: "fail"
        case .info: "info"
        }
    }
}

extension Function {
    /// The `f` of the interchange form; empty for `other`, whose name is in ``Event/name``.
    public var spelling: String {
        switch self {
        case .get: "get"
        case .put: "put"
        case .delete: "delete"
        case .replica: "replica"
        case .hints: "hints"
        case .root: "root"
        case .kill: "kill"
        case .restart: "restart"
        case .pause: "pause"
        case .resume: "resume"
        case .wipe: "wipe"
        case .partition: "partition"
        case .heal: "heal"
        case .phase: "phase"
        case .converged: "converged"
        case .other: ""
        }
    }

    /// A put or a delete: an operation that gives its key a new version.
    public var isWrite: Bool { self == .put || self == .delete }

    /// The member that ``Event/number`` stands for, if this function has one.
    var numberMember: String? {
        switch self {
        case .get: "r"
        case .put, .delete: "w"
        case .hints: "count"
        default: nil
        }
    }
}

/// What the list of an event holds.
enum ListKind: UInt8 {
    case none
    /// Versions of a read or of a replica.
    case versions
    /// At most one version without an id: the dot and the clock of an acknowledgement.
    case acknowledgement
    /// Ids of versions seen.
    case seen
    case nodes
    /// Nodes, each group closed by ``Interner/none``.
    case groups

    /// Whether the list lies in ``History/versions``; else it lies in ``History/ids``.
    var isVersions: Bool { self == .versions || self == .acknowledgement }
}

extension Event {
    /// What the form gives an event of this type and function as its list; the one place that decides it.
    var listKind: ListKind {
        switch function {
        case .get: type == .invoke ? .none : .versions
        case .put, .delete: type == .invoke ? .seen : .acknowledgement
        case .replica: .versions
        case .kill, .restart, .pause, .resume, .wipe: .nodes
        case .partition: .groups
        case .hints, .root, .heal, .phase, .converged, .other: .none
        }
    }
}
