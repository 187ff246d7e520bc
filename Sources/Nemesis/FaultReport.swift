/// A fault as it was carried out, and what shows that it was.
public struct FaultReport: Sendable, Hashable {
    /// `kill`, `pause` or `partition`.
    public var name: String
    /// The nodes at fault, or the sides of the partition.
    public var nodes: [String]
    public var groups: [[String]] = []
    /// Nanoseconds since the run began: from the return of the call that made the fault to the call that ended it.
    public var begin: Int64
    public var end: Int64
    /// Nanoseconds that the call which made it took.
    public var effectTime: Int64
    /// What went wrong in making or ending the fault; nil: nothing.
    public var failure: String?
    /// For a partition: the directions that were cut.
    public var cuts: [DirectedLink] = []
}
