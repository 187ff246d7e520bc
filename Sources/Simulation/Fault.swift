import Dynamo

/// Something done to a cluster.
public enum Fault: Hashable, Sendable {
    case crash(String)
    case restart(String)
    /// The node is killed, loses its disk, and starts again.
    case wipe(String)
    /// The network is cut between groups of nodes.
    case cut([[String]])
    case heal
    /// The node's storage fails, or works again (neither): its operations, or only its syncs.
    case storage(String, operations: Bool, syncs: Bool)
    /// An administrator asks a node, or another where that one is down, to let a node join, leave, or take another's
    /// place.
    case join(Member, at: String)
    case leave(String, at: String)
    case replace(String, by: Member, at: String)
}

/// A fault and when it strikes, in virtual nanoseconds since the run began.
public struct TimedFault: Hashable, Sendable {
    public var time: Instant
    public var fault: Fault

    public init(at time: Instant, _ fault: Fault) {
        self.time = time
        self.fault = fault
    }
}

/// Which faults a random schedule draws from.
public struct FaultMix: Hashable, Sendable {
    public var crashes = true
    public var cuts = true
    public var storage = false
    public var wipes = false
    /// Faults are this far apart on average, in nanoseconds.
    public var interval: Int64 = 400_000_000

    public init() {}

    /// A random schedule: the same for the same generator. At most a minority of the nodes is down at a time, and
    /// whatever begins ends after up to three intervals.
    public func schedule(members: [String], until end: Instant, generator: inout SplitMix64) -> [TimedFault] {
        var faults: [TimedFault] = []
        var down: [String: Instant] = [:]
        var cutUntil: Instant = 0
        var time = Int64.random(in: 0...interval, using: &generator)
        while time < end {
            let until = time + Int64.random(in: interval / 4...interval * 3, using: &generator)
            let node = members[Int.random(in: 0..<members.count, using: &generator)]
            let busy = members.filter { (down[$0] ?? 0) > time }.count
            let free = (down[node] ?? 0) <= time && busy < (members.count - 1) / 2
            switch Int.random(in: 0..<10, using: &generator) {
            case 0..<5 where crashes && free:
                down[node] = until
                faults += [TimedFault(at: time, .crash(node)), TimedFault(at: until, .restart(node))]
            case 5..<8 where cuts && cutUntil <= time:
                cutUntil = until
                var order = members
                order.shuffle(using: &generator)
                let size = Int.random(in: 1...max(1, members.count / 2), using: &generator)
                let groups = [Array(order.prefix(size)), Array(order.dropFirst(size))]
                faults += [TimedFault(at: time, .cut(groups)), TimedFault(at: until, .heal)]
            case 8 where storage && free:
                down[node] = until
                let operations = Bool.random(using: &generator)
                faults.append(TimedFault(at: time, .storage(node, operations: operations, syncs: !operations)))
                faults.append(TimedFault(at: until, .storage(node, operations: false, syncs: false)))
            case 9 where wipes && busy == 0 && free:
                down[node] = until
                faults.append(TimedFault(at: time, .wipe(node)))
            default: break
            }
            time += Int64.random(in: 1...interval * 2, using: &generator)
        }
        return faults.enumerated().sorted { ($0.element.time, $0.offset) < ($1.element.time, $1.offset) }.map(\.element)
    }
}

extension Cluster {
    /// The node, or the first that is up where it is not.
    private func up(_ node: String) -> String { isUp(node) ? node : members.first(where: isUp) ?? node }

    /// Does a fault, or undoes one.
    ///
    /// - Throws: what the start of a replica throws.
    public mutating func strike(_ fault: Fault) throws {
        switch fault {
        case .crash(let node): crash(node)
        case .restart(let node): try restart(node)
        case .wipe(let node):
            crash(node)
            try restart(node, wiped: true)
        case .cut(let groups): cut(groups)
        case .heal: heal()
        case .storage(let node, let operations, let syncs): failStorage(node, operations: operations, syncs: syncs)
        case .join(let member, let node): _ = admit(member, at: up(node))
        case .leave(let name, let node): _ = change(.leave(name), at: up(node))
        case .replace(let old, let member, let node): _ = admit(member, inPlaceOf: old, at: up(node))
        }
    }
}
