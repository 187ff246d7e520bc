import History
import Workload

/// Plays a run in virtual time, with the same core, faults and events as a real one.
public protocol Rehearsal: Sendable {
    /// The history that such a run leaves; nil for a workload or a flaw that virtual time does not know.
    func history(of workload: Workload, seed: UInt64, flaw: String?) -> History?
}
