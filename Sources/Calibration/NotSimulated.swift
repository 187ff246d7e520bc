/// A fault that cannot be played in virtual time.
public struct NotSimulated: Error, CustomStringConvertible {
    let line: Int
    let fault: String
    public var description: String {
        "line \(line): \(fault) needs real processes or a real network; run this workload with dyno run"
    }
}
