import ArgumentParser

/// `dyno` and its subcommands, one file each.
struct Dyno: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dyno",
        abstract: "Proves Dynamo-style stores: real processes, real faults, a history, a verdict.",
        discussion: """
            A run boots the nodes of a store in namespaces of their own, puts load on them, kills them and cuts their network, \
            records every operation, and lets checkers decide on the record.

              dyno run Workloads/everything.yml     boot, load, break, heal, check
              dyno check history.dyno               decide again, offline
              dyno show history.dyno --key cart-7   read what happened to a key

            Exit status: 0 valid, 1 invalid, 2 unknown, 254 unusable arguments or input, 255 the tool itself failed.
            """,
        version: "0.1.0",
        subcommands: [
            RunCommand.self, CheckCommand.self, ShowCommand.self, ConvertCommand.self, GenerateCommand.self,
            SimulateCommand.self, CalibrateCommand.self,
            CanaryCommand.self, ClusterCommand.self, BenchCommand.self, TortureCommand.self,
            FaultCommand.self, SweepControlGroupsCommand.self,
        ])
}
