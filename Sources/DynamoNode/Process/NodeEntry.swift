import ArgumentParser

/// Where the process begins: puts a configuration file's settings among the arguments, then hands over to the command.
public enum NodeEntry {
    public static func main() {
        let arguments = Array(CommandLine.arguments.dropFirst())
        for command in [
            SettingsCommand.self, JoinCommand.self, LeaveCommand.self, ReplaceCommand.self, StatusCommand.self,
        ] as [any ParsableCommand.Type] where arguments.first == command.configuration.commandName {
            return command.main(Array(arguments.dropFirst()))
        }
        let all: [String]
        do {
            all = try expanded(arguments)
        } catch {
            // As the parser ends over a flag that makes no sense.
            NodeCommand.exit(withError: ValidationError(error.description))
        }
        NodeCommand.main(all)
    }

    /// The arguments with those of the file that `--config` names before them.
    static func expanded(_ arguments: [String]) throws(ConfigurationFile.Mistake) -> [String] {
        guard let path = path(in: arguments) else { return arguments }
        return try ConfigurationFile(path: path).options(besides: arguments) + arguments
    }

    private static func path(in arguments: [String]) -> String? {
        for (index, argument) in arguments.enumerated() {
            if argument == "--config" { return index + 1 < arguments.count ? arguments[index + 1] : nil }
            if argument.hasPrefix("--config=") { return String(argument.dropFirst("--config=".count)) }
        }
        return nil
    }
}
