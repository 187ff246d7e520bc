import Checkers
import Dynamo

/// How a planted flaw is brought to light: the workload that provokes it, and the checker and anomaly that must name it.
public struct Exposure: Sendable, Hashable {
    /// The name of a file in `Workloads`.
    public var workload: String
    public var checker: CheckerName
    /// Any of these proves it.
    public var anomalies: [AnomalyType]
    /// By how much more the simulated load is divided than that of other flaws: some make siblings without end.
    public var thin = 1
    /// Why real processes do not show it within the time of a run; nil: they do.
    public var simulatedOnly: String?
    /// Why virtual time cannot show it; nil: it does.
    public var processesOnly: String?

    init(
        _ workload: String, _ checker: CheckerName, _ anomalies: AnomalyType..., thin: Int = 1,
        simulatedOnly: String? = nil, processesOnly: String? = nil
    ) {
        self.workload = workload
        self.checker = checker
        self.anomalies = anomalies
        self.thin = thin
        self.simulatedOnly = simulatedOnly
        self.processesOnly = processesOnly
    }
}

extension Flaw {
    /// Every flaw has its exposure: without one the tool does not compile.
    public var exposure: Exposure {
        switch self {
        case .reusedActor: Exposure("actor-reuse", .causality, .duplicateDot)
        case .fallbackAmnesia: Exposure("fallbacks", .causality, .duplicateDot)
        case .counterRestart: Exposure("reap", .causality, .dotReusedAfterDelete, .counterRestartAfterDelete)
        case .doomstone: Exposure("reap", .causality, .dotReusedAfterDelete, .counterRestartAfterDelete)
        case .unionMerge: Exposure("contention", .siblings, .staleSibling, thin: 6)
        case .skewedDots: Exposure("contention", .siblings, .lostWrite)
        case .compareSwapped: Exposure("contention", .siblings, .lostWrite, thin: 3)
        case .wallClockMerge: Exposure("contention", .siblings, .lostWrite)
        case .stampShadows: Exposure("contention", .durability, .underReplicated, .missedHandoff)
        case .forgottenContext: Exposure("contention", .siblings, .staleSibling, thin: 3)
        case .clockOverLocal: Exposure("contention", .causality, .falseDominance)
        case .prunedClocks: Exposure("contention", .causality, .missedDominance, .clockRegression)
        case .plainVectors: Exposure("contention", .causality, .falseDominance)
        case .replicaIncrements: Exposure("contention", .siblings, .staleSibling, thin: 6)
        case .siblingsDropped: Exposure("contention", .siblings, .lostWrite)
        case .forwardedTwice: Exposure("contention", .siblings, .staleSibling)
        case .forwardRetried: Exposure("contention", .siblings, .staleSibling)
        case .oneSiblingRead: Exposure("contention", .siblings, .lostWrite, thin: 3)
        case .replicateOverwrites: Exposure("contention", .siblings, .lostWrite)
        case .virtualW: Exposure("lost-quorum", .siblings, .lostWrite)
        case .ackEarly:
            Exposure("siblings", .durability, .ackBelowW, processesOnly: "only a capture of packets shows it")
        case .seamClaim: Exposure("pauses", .convergence, .notConverged)
        case .uninsuredPut:
            Exposure(
                "pauses", .durability, .missedHandoff,
                simulatedOnly: "TCP keeps what a home was sent while it was paused or cut off, and brings it in the end"
            )
        case .swallowedError: Exposure("refused-writes", .durability, .underReplicated)
        case .readBeforeDurable:
            Exposure(
                "slow-disk", .causality, .duplicateDot,
                simulatedOnly: "the kernel keeps what a killed process had written, durable or not")
        case .forgetHints: Exposure("handoff", .durability, .missedHandoff)
        case .hintsOnRecoveryOnly: Exposure("pauses", .durability, .undeliveredHint)
        case .hintDeletedOnSend: Exposure("handoff", .durability, .missedHandoff)
        case .hintsExpire: Exposure("handoff", .durability, .missedHandoff)
        case .handoffOverwrites: Exposure("pauses", .durability, .missedHandoff, .underReplicated)
        case .handoffSkipsDeletes: Exposure("pauses", .convergence, .diverged)
        case .noExchange: Exposure("anti-entropy", .durability, .missedHandoff)
        case .xorLeaves: Exposure("cold-keys", .convergence, .dishonestRoot, .notConverged)
        case .frozenTree: Exposure("anti-entropy", .convergence, .dishonestRoot, .rootMismatch)
        case .skippedRanges: Exposure("anti-entropy", .convergence, .rootMismatch)
        case .exchangeSkipsDeletes: Exposure("anti-entropy", .convergence, .diverged)
        case .exchangeOverwrites: Exposure("anti-entropy", .durability, .missedHandoff, .underReplicated)
        case .reapWithoutAbsent:
            Exposure(
                "reap", .siblings, .resurrection,
                simulatedOnly: "five runs with real processes did not show it; virtual time shows a few keys a run")
        case .immediateReap: Exposure("reap", .siblings, .resurrection)
        case .oldOwnersOnly: Exposure("replace", .siblings, .lostWrite)
        case .readyWithoutData: Exposure("replace", .siblings, .lostWrite)
        }
    }
}
