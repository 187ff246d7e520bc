import ArgumentParser

/// `dyno bench`: what is measured, a subcommand each.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure on this machine: the history format and the checkers, a store, or the wire witness.",
        subcommands: [
            BenchHistoryCommand.self, BenchStoreCommand.self, BenchWireCommand.self, WireTrafficCommand.self,
        ],
        defaultSubcommand: BenchHistoryCommand.self)
}
