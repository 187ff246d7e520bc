import ArgumentParser
import Controller

/// `dyno sweep-control-groups`, which a run starts beside itself: nobody calls it by hand.
struct SweepControlGroupsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sweep-control-groups",
        abstract: "Wait for the end of standard input, then remove the control groups of a run.", shouldDisplay: false)

    @Argument(help: "What the groups are called.")
    var name: String

    func validate() throws {
        guard name.hasPrefix("dyno-"), !name.contains("/") else {
            throw ValidationError("only groups of a run of dyno are removed")
        }
    }

    func run() { ControlGroupSweeper.wait(thenRemove: name) }
}
