import ArgumentParser

/// `dyno bench`: what is measured, a subcommand each.
struct BenchCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measure on this machine: histories, checkers, a store, a node with many keys, faults, the witness.",
        subcommands: [
            BenchHistoryCommand.self, BenchStoreCommand.self, BenchMembershipCommand.self, BenchRowsCommand.self,
            BenchLinearizableCommand.self,
            BenchFaultsCommand.self, BenchWireCommand.self, WireTrafficCommand.self,
        ],
        defaultSubcommand: BenchHistoryCommand.self)
}
