import Workload

/// What the nemesis can do to the nodes: the effects behind the faults. Every call returns only when the effect is there and
/// was seen to be there, or throws; none waits without a limit. Each undo may be asked for more than once.
public protocol Bench: Sendable {
    /// The nodes that the run began with.
    var nodes: [String] { get }
    /// Nanoseconds since the run began, on the clock of the history.
    var now: Int64 { get }

    /// SIGKILL; returns once the kernel reported the end of the process.
    func kill(_ node: String) async throws
    /// SIGTERM; returns once the kernel reported the end of the process.
    func stop(_ node: String) async throws
    /// Starts a node that does not run; returns once it serves.
    func start(_ node: String) async throws
    /// SIGSTOP; returns once the kernel shows the process as stopped.
    func pause(_ node: String) async throws
    /// SIGCONT; returns once the kernel shows it as running.
    func resume(_ node: String) async throws

    /// The power fails for these nodes at the same moment: their processes end, and what they had not synced is gone. The
    /// sentences say what was done.
    func cutPower(_ nodes: [String]) async throws -> [String]
    /// Their disks are there again, their processes not yet. The sentences say what a probe showed to be lost and kept.
    func restorePower(_ nodes: [String]) async throws -> [String]
    /// Takes the node's memory away until the kernel kills it. The sentence says what the kernel counted.
    func exhaustMemory(of node: String) async throws -> String
    /// Gives it back; the process does not run yet.
    func freeMemory(of node: String) async throws
    /// Lets a node use this share of one processor, in percent, or all it wants again (nil). The sentence says what was counted.
    func throttle(_ node: String, percent: Int?) async throws -> String

    /// Replaces what is cut by `links`, in one step for all of them; empty: nothing is cut. `clientsOf` are nodes which the clients are cut from too.
    func cut(_ links: [DirectedLink], clientsOf: [String]) async throws
    /// Replaces what links suffer; empty: nothing.
    func shape(_ shapes: [LinkShape]) async throws
    /// Replaces the nodes whose TCP traffic with other nodes is answered with resets; empty: none.
    func reset(_ links: [DirectedLink]) async throws

    /// Sets a node's wall clock wrong, or right again (nil). The sentence says what the node's clock showed.
    func setClock(of node: String, _ trouble: ClockTrouble?) async throws -> String
    /// Makes a node's disk fail in this way, or, when not `inForce`, work again. The sentence says what a probe showed.
    func setDisk(of node: String, _ trouble: DiskTrouble, inForce: Bool) async throws -> String
    /// Damages the files of a node that does not run. The sentence says what was done.
    func damage(_ node: String, _ damage: FileDamage) async throws -> String

    /// Starts a node that was not there before and waits until the ring has taken it in.
    func join(_ node: String) async throws
    /// Waits until the node has left the ring, and stops it.
    func leave(_ node: String) async throws
    /// Starts `newcomer` in the place of `node`, which does not run any more, and waits until the ring has taken it in.
    func replace(_ node: String, with newcomer: String) async throws

    /// Replicas of a key.
    var replicas: Int { get }
    /// The preference list of a key, homes first; nil where the store does not tell.
    func preferenceList(of key: String) async -> [String]?
    /// How many hints each node holds now; nodes that do not tell are left out.
    func hintsHeld() async -> [String: Int]
    /// How much each node works on requests of clients now, in messages to replicas; nodes that do not tell are left out.
    func coordinating() async -> [String: Int]
    /// The data centre of each node; empty where there is only one.
    var zones: [String: String] { get }
}
