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
        /// SIGKILL; the node is started again when the fault ends.
        case kill(Target)
        /// SIGSTOP; SIGCONT when the fault ends.
        case pause(Target)
        /// A network partition between nodes, and, when `clientsCut`, between the clients and the nodes of the smaller sides too.
        case partition(Shape, clientsCut: Bool)
    }

    /// A node, found when the fault begins.
    public enum Target: Sendable, Hashable {
        /// The home replica of a hot key: the first of its preference list.
        case home
        /// Any node, drawn from the seed.
        case random
        case node(String)
    }

    /// The sides of a network partition.
    public enum Shape: Sendable, Hashable {
        /// Two sides whose sizes differ by at most one, drawn from the seed.
        case halves
        /// A bare majority stays together, each other node is alone.
        case majority
        /// One node against all others.
        case isolate(Target)
        /// These sides; a node in none of them is cut off from nobody.
        case groups([[String]])
    }

    /// When a fault begins, counted from the begin of the load.
    public enum Schedule: Sendable, Hashable {
        case once(at: Duration)
        /// At `from`, and then each `every`, `count` times at most (nil: until the load ends).
        case repeated(every: Duration, from: Duration, count: Int?)
    }
}
