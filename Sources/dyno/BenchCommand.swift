import ArgumentParser

/// `dyno bench`: what is measured, a subcommand each.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure on this machine: the history format and the checkers, or a store.",
        subcommands: [BenchHistoryCommand.self, BenchStoreCommand.self, BenchFaultsCommand.self],
        defaultSubcommand: BenchHistoryCommand.self)
}
