import ArgumentParser

/// `dyno bench`: what is measured, a subcommand each.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure on this machine: the history format and the checkers, a store, or a node with many keys.",
        subcommands: [BenchHistoryCommand.self, BenchStoreCommand.self, BenchRowsCommand.self],
        defaultSubcommand: BenchHistoryCommand.self)
}
