/// One line of `faults`: what is done, to whom, when and for how long. What it comes to in a run is drawn from the seed.
public struct FaultSpec: Sendable, Hashable {
    public var action: Action
    public var schedule: Schedule
    /// From the fault's begin to its undoing: the restart, the resumption, the heal.
    public var duration: Duration
    /// The line in the workload file, for messages.
    public var line: Int

    public init(action: Action, schedule: Schedule, duration: Duration, line: Int = 0) {
        self.action = action
        self.schedule = schedule
        self.duration = duration
        self.line = line
    }

    /// What is done, with the target and the parameters that belong to it.
    public enum Action: Sendable, Hashable {
        /// SIGKILL; the nodes are started again, all at once, when the fault ends.
        case kill(Target)
        /// What was not synced is gone with the process; disk and process come back when the fault ends.
        case powerLoss(Target)
        /// The kernel kills the node for want of memory; it is started again when the fault ends.
        case outOfMemory(Target)
        /// The node may use this share of one processor, in percent.
        case throttle(Int, Target)
        /// SIGSTOP; SIGCONT when the fault ends.
        case pause(Target)
        /// Each node in turn is ended by SIGTERM and started again, one after the other within the fault's time.
        case rollingRestart(Target = .all)
        /// A network partition between nodes, and, when `clientsCut`, between the clients and the nodes of the smaller sides too.
        case partition(Shape, clientsCut: Bool)
        /// What is sent on some links suffers, but mostly arrives.
        case links(LinkTrouble, Scope)
        /// The wall clock of some nodes is wrong; monotonic time is untouched.
        case clock(ClockTrouble, Target)
        /// The disk of some nodes fails while the fault lasts.
        case disk(DiskTrouble, Target)
        /// A node is killed, something is done to its files, and it is started again when the fault ends.
        case files(FileDamage, Target)
        /// A node that is not in the ring is started and joins it; nothing is undone.
        case join(String)
        /// A node leaves the ring, and is stopped when it has handed everything over; nothing is undone.
        case leave(Target)
        /// The first is killed for ever and the second takes its place in the ring.
        case replace(Target, with: String)
    }

    /// Some nodes, found when the fault begins.
    public enum Target: Sendable, Hashable {
        /// The home replica of a key: the first of its preference list. Nil: of a hot key, drawn from the seed.
        case home(String? = nil)
        /// Every home replica of a key.
        case homes(String? = nil)
        /// The node that works on most requests of clients now.
        case coordinator
        /// The node that holds most hints now.
        case fallback
        /// The node whose fault ended last.
        case recovered
        /// Any node, drawn from the seed.
        case random
        /// Less than half of the nodes, or more than half, drawn from the seed.
        case minority, majority
        case all
        case zone(String)
        /// These.
        case nodes([String])
    }

    /// The sides of a network partition.
    public enum Shape: Sendable, Hashable {
        /// Two sides whose sizes differ by at most one, drawn from the seed.
        case halves
        /// A bare majority stays together, each other node is alone.
        case majority
        /// Every node sees a majority, and no two see the same one (Jepsen's majorities-ring).
        case majoritiesRing
        /// Two halves that both see one node in the middle, but not each other.
        case bridge
        /// Some nodes against all others, in one direction or both.
        case isolate(Target, Direction)
        /// Every data centre by itself.
        case zones
        /// These sides; a node in none of them is cut off from nobody.
        case groups([[String]])
        /// These directions, which need not make sides.
        case links([Link])
    }

    /// One direction between two nodes, spelled `n1->n2`.
    public struct Link: Sendable, Hashable {
        public var from: String
        public var to: String
        public init(from: String, to: String) {
            self.from = from
            self.to = to
        }
    }

    /// Which way packets of the target suffer.
    public enum Direction: String, Sendable, Hashable, CaseIterable {
        /// Sent to it.
        case `in`
        /// Sent by it.
        case out
        case both
    }

    /// The links that a fault is about: those between the target and everybody else, or those that are named.
    public struct Scope: Sendable, Hashable {
        public var target: Target
        public var direction: Direction
        /// Named links, in place of target and direction.
        public var links: [Link] = []
        public init(target: Target, direction: Direction) {
            self.target = target
            self.direction = direction
        }
    }

    /// When a fault begins, counted from the begin of the load.
    public enum Schedule: Sendable, Hashable {
        case once(at: Duration)
        /// At `from`, and then each `every`, `count` times at most (nil: until the load ends).
        case repeated(every: Duration, from: Duration, count: Int?)
    }
}

extension FaultSpec.Action {
    /// The key that names it in a workload file.
    public var word: String {
        switch self {
        case .kill: "kill"
        case .pause: "pause"
        case .rollingRestart: "restart"
        case .powerLoss: "power-loss"
        case .outOfMemory: "oom"
        case .throttle: "throttle"
        case .partition(.links, _): "cut"
        case .partition: "partition"
        case .links(let trouble, _): trouble.word
        case .clock: "clock"
        case .disk: "disk"
        case .files: "damage"
        case .join: "join"
        case .leave: "leave"
        case .replace: "replace"
        }
    }

    /// The node that the fault brings in, which the store does not begin with.
    public var newcomer: String? {
        switch self {
        case .join(let node), .replace(_, let node): node
        default: nil
        }
    }
}
