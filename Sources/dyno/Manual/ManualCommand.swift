import ArgumentParser
import Controller
import Foundation

/// `dyno manual`.
struct ManualCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "manual",
        abstract: "Write the manual pages of dyno and dynamo-node.",
        discussion: """
            The pages are made from the help of every command, so they say what this build does. `make install` puts them where \
            man finds them.

              dyno manual run | man -l -           read one page
              dyno manual --into share/man/man1    write them all

            Exit status: 0 written, 254 no such command, or the directory cannot be written.
            """)

    @Argument(help: "The command whose page is printed, in words; none: that of dyno.")
    var command: [String] = []

    @Option(help: "Write all pages to this directory instead.", completion: .directory)
    var into: String?

    /// The commands of dynamo-node, each of which describes itself.
    private static let nodeCommands = ["", "settings", "join", "leave", "replace", "status"]

    func run() throws {
        let root: CommandDescription
        do { root = try CommandDescription(dump: Data(Dyno._dumpHelp().utf8)) } catch {
            throw Failure.broken("the argument parser's description cannot be read: \(error)")
        }
        if let into { return try writeAll(root, into: into) }
        guard let chosen = root.all.first(where: { $0.words == ["dyno"] + command }) else {
            let known = root.all.dropFirst().map { $0.words.dropFirst().joined(separator: " ") }.joined(separator: ", ")
            throw Failure.unusable("there is no command \"\(command.joined(separator: " "))\"; there are \(known)")
        }
        print(page(chosen).text(), terminator: "")
    }

    private func page(_ command: CommandDescription) -> ManualPage {
        ManualPage(command, version: Dyno.configuration.version)
    }

    private func writeAll(_ root: CommandDescription, into directory: String) throws {
        let pages = (root.all + nodeDescriptions()).map(page)
        do {
            try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
            for page in pages {
                try page.text().write(toFile: "\(directory)/\(page.fileName)", atomically: true, encoding: .utf8)
            }
        } catch {
            throw Failure.unusable("cannot write \(directory): \(error.localizedDescription)")
        }
        print("\(pages.count) pages in \(directory)")
    }

    /// What dynamo-node says of itself; nothing where there is none.
    private func nodeDescriptions() -> [CommandDescription] {
        let executable = Executables.beside("dynamo-node")
        guard FileManager.default.isExecutableFile(atPath: executable) else { return [] }
        return Self.nodeCommands.compactMap { name in
            let process = Process()
            let output = Pipe()
            process.executableURL = URL(fileURLWithPath: executable)
            process.arguments = (name.isEmpty ? [] : [name]) + ["--experimental-dump-help"]
            process.standardOutput = output
            process.standardError = FileHandle.nullDevice
            guard (try? process.run()) != nil else { return nil }
            let dump = output.fileHandleForReading.readDataToEndOfFile()
            process.waitUntilExit()
            guard var description = try? CommandDescription(dump: dump) else { return nil }
            if !name.isEmpty { (description.superCommands, description.commandName) = (["dynamo-node"], name) }
            return description
        }
    }
}
