import ArgumentParser
import Checkers
import Workload

/// What single checkers are told on the command line.
struct FieldOptions: ParsableArguments {
    @Option(help: "linearizable: the object that the operations are operations of; told from them where that is plain.")
    var model: LinearizableModel?

    @Option(help: "linearizable: what a register holds before anything is written, as JSON.")
    var initial = "null"

    @Option(help: "linearizable: time for the decision; longer, and the verdict is unknown.")
    var timeout: TimeSpan?

    @Option(help: "availability: within which time 99.9 % of the operations must end, such as 300ms.")
    var serviceLevel: TimeSpan?

    @Option(help: "staleness: how many acknowledged writes a read may miss.")
    var maxVersionsBehind: Int?

    @Option(help: "staleness: how long ago a write may have been acknowledged that a read misses, such as 5s.")
    var maxStaleness: TimeSpan?

    /// - Parameter memory: for the tables of one object; more, and the verdict is unknown.
    func checkOptions(memory: MemorySize) -> CheckOptions {
        var options = CheckOptions()
        options.model = model
        options.initialValue = initial
        options.memory = memory.bytes
        if let timeout {
            let end = ContinuousClock.now + timeout.duration
            options.isTimeUp = { ContinuousClock.now >= end }
        }
        options.serviceLevel = serviceLevel?.nanoseconds
        options.mostVersionsBehind = maxVersionsBehind
        options.longestStaleness = maxStaleness?.nanoseconds
        return options
    }
}

extension LinearizableModel: ExpressibleByArgument {}

/// A time as workload files write it: `300ms`, `30s`, `5m`.
struct TimeSpan: ExpressibleByArgument {
    var duration: Duration

    init?(argument: String) {
        guard let duration = DurationText.parse(argument[...]), duration > .zero, duration <= .seconds(366 * 86_400)
        else { return nil }
        self.duration = duration
    }

    var nanoseconds: Int64 { Int64(duration / .nanoseconds(1)) }
}
