/// What the nemesis can do to the nodes: the effects behind the faults. Every call returns only when the effect is there and
/// was seen to be there, or throws; none waits without a limit.
public protocol Bench: Sendable {
    var nodes: [String] { get }
    /// Nanoseconds since the run began, on the clock of the history.
    var now: Int64 { get }

    /// SIGKILL; returns once the kernel reported the end of the process.
    func kill(_ node: String) async throws
    /// Starts a killed node again; returns once it serves.
    func start(_ node: String) async throws
    /// SIGSTOP; returns once the kernel shows the process as stopped.
    func pause(_ node: String) async throws
    /// SIGCONT; returns once the kernel shows it as running.
    func resume(_ node: String) async throws
    /// Replaces what is cut by `links`, in one step for all of them; empty: nothing is cut. `clientsOf` are nodes which the clients are cut from too.
    func cut(_ links: [DirectedLink], clientsOf: [String]) async throws
    /// The preference list of a key, homes first; nil where the store does not tell.
    func preferenceList(of key: String) async -> [String]?
}
