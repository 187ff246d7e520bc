import Foundation
import History
import Nemesis
import Workload

/// One run, from the first process to the closed history. Happens inside a ``Sandbox``.
///
/// The history is all that comes out of it: the checkers read it afterwards from the file, as anybody can again.
public struct Run: Sendable {
    public struct Settings: Sendable {
        public var workload: Workload
        /// The text of the workload file, kept beside the history.
        public var workloadText: String
        public var seed: UInt64
        /// Path of `dynamo-node`.
        public var nodeExecutable: String
        /// Path of the library that is preloaded where clocks or disks are to fail.
        public var faultLibrary: String
        /// The fault to plant in every node, by name; nil: none.
        public var flaw: String?
        /// Keep what the nodes stored.
        public var keepsData: Bool
        /// The file whose faults stand in place of the workload's; nil: the workload's own.
        public var schedule: String?

        public init(
            workload: Workload, workloadText: String, seed: UInt64, nodeExecutable: String, faultLibrary: String,
            flaw: String?, keepsData: Bool, schedule: String? = nil
        ) {
            self.workload = workload
            self.workloadText = workloadText
            self.seed = seed
            self.nodeExecutable = nodeExecutable
            self.faultLibrary = faultLibrary
            self.flaw = flaw
            self.keepsData = keepsData
            self.schedule = schedule
        }
    }

    let settings: Settings
    let directory: RunDirectory
    let progress: RunProgress
    /// Ends the load early when somebody asks for it; the run then still heals, converges and checks.
    let interruption: Interruption
    /// Is shown the events as they are recorded; nil: nobody watches.
    let watch: (@Sendable (History) -> Void)?

    public init(
        settings: Settings, directory: RunDirectory, progress: RunProgress, interruption: Interruption,
        watch: (@Sendable (History) -> Void)? = nil
    ) {
        self.watch = watch
        self.settings = settings
        self.directory = directory
        self.progress = progress
        self.interruption = interruption
    }

    var workload: Workload { settings.workload }

    /// Carries the run out. The history lies in the run's directory afterwards.
    ///
    /// Throws when the bench itself fails: a node that does not come up, a tool that is missing, a disk that is full.
    public func carryOut() async throws {
        try settings.workloadText.write(toFile: directory.workload, atomically: true, encoding: .utf8)
        let assembly = try Assembly(
            .init(
                settings: workload.store, nodeExecutable: settings.nodeExecutable, flaw: settings.flaw,
                faultLibrary: settings.faultLibrary, actions: workload.actions, directory: directory,
                header: RunHeader.header(for: settings, store: "dynamo"), seed: settings.seed,
                way: Sandbox.inside == nil ? .relay : .namespaces, watch: watch))
        defer { assembly.remove(keepingData: settings.keepsData) }
        try await Stage(run: self, assembly: assembly).play()
        try await assembly.group.shutdownGracefully()
    }
}

/// Asks a run to end early; safe from a signal handler's queue.
public final class Interruption: Sendable {
    private let handlers = Handlers()

    public init() {}

    public func interrupt() { handlers.fire() }

    /// Calls `body` when the interruption comes, at once when it came already.
    func whenInterrupted(_ body: @escaping @Sendable () -> Void) { handlers.add(body) }

    public var isInterrupted: Bool { handlers.hasFired }
}
