import Foundation

/// A command as the argument parser describes it (`--experimental-dump-help`), as far as a manual needs it.
struct CommandDescription: Decodable {
    struct Argument: Decodable {
        struct Name: Decodable {
            var kind: String
            var name: String

            /// As it is typed.
            var text: String { (kind == "long" ? "--" : "-") + name }
        }

        /// `positional`, `option` or `flag`.
        var kind: String
        var shouldDisplay: Bool?
        var isOptional: Bool
        var isRepeating: Bool
        var names: [Name]?
        var preferredName: Name?
        var valueName: String?
        var defaultValue: String?
        var allValues: [String]?
        var abstract: String?
        var discussion: String?
    }

    private struct Dump: Decodable {
        var command: CommandDescription
    }

    var commandName: String
    var superCommands: [String]?
    var shouldDisplay: Bool?
    var abstract: String?
    var discussion: String?
    var subcommands: [CommandDescription]?
    var arguments: [Argument]?

    /// Reads a dump. Throws when it is none.
    init(dump: Data) throws { self = try JSONDecoder().decode(Dump.self, from: dump).command }

    /// The command's words: `dyno bench history`.
    var words: [String] { (superCommands ?? []) + [commandName] }

    var visibleSubcommands: [CommandDescription] {
        (subcommands ?? []).filter { $0.shouldDisplay != false && $0.commandName != "help" }
    }

    /// This command and all below it.
    var all: [CommandDescription] { [self] + visibleSubcommands.flatMap(\.all) }
}
