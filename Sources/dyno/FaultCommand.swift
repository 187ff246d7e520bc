import ArgumentParser
import Controller
import Foundation
import Workload

/// `dyno fault`.
struct FaultCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "fault",
        abstract: "Begin and end faults by hand in a running cluster, and see each witnessed.",
        discussion: """
            The cluster is one that `dyno cluster --sandbox` has started. A fault is named as in a workload file \
            (dyno fault kinds lists them), lasts until it is ended, and is then shown with what witnessed it.

              dyno cluster --sandbox                                     in one terminal
              dyno fault start kill home                                 in another
              dyno fault start loss 20% --target n1 --set direction=out
              dyno fault start partition '[[n1, n2], [n3, n4, n5]]' --for 5s
              dyno fault list
              dyno fault stop all

            Exit status: 0 done and witnessed, 1 not so, 254 unusable arguments or no cluster.
            """,
        subcommands: [Start.self, Stop.self, List.self, Kinds.self])

    struct Place: ParsableArguments {
        @Option(help: "The socket of the cluster.", completion: .file())
        var socket: String?

        func ask(_ request: FaultRequest) throws -> FaultRequest.Answer {
            do { return try request.ask(at: socket ?? FaultRequest.usualSocket) } catch {
                throw Failure.unusable("\(error)")
            }
        }

        /// Prints the answer; ends with status 1 when it is not good.
        func show(_ answer: FaultRequest.Answer) throws {
            print(answer.text)
            if !answer.isGood { throw ExitCode(ExitStatus.invalid) }
        }
    }

    struct Start: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Begin a fault.")

        @Argument(help: "Which: dyno fault kinds lists them.", completion: .list(FaultLine.kinds.map(\.name)))
        var name: String

        @Argument(help: "The value that it has in a workload file: who, how much, or of which kind.")
        var value: String?

        @Option(help: "Who suffers: home, homes, coordinator, fallback, random, all, n1, '[n1, n2]', …")
        var target: String?

        @Option(name: .customLong("set"), help: "Another key of the fault, as key=value; may be repeated.")
        var settings: [String] = []

        @Option(name: .customLong("for"), help: "End it after so many seconds (5s), and show what witnessed it.")
        var length: String?

        @OptionGroup var place: Place

        func validate() throws {
            guard let kind = FaultLine.kinds.first(where: { $0.name == name }) else {
                throw ValidationError(
                    "no fault is called \"\(name)\"; there are \(FaultLine.kinds.map(\.name).joined(separator: ", "))")
            }
            if !kind.takesTarget, value == nil { throw ValidationError("\(name) takes a value: \(kind.values)") }
            if kind.takesTarget, value != nil, target != nil {
                throw ValidationError("\(name) takes its target as its value: leave --target out")
            }
            for setting in settings where !setting.contains("=") {
                throw ValidationError("--set takes key=value, not \"\(setting)\"")
            }
            _ = try seconds()
        }

        private func seconds() throws -> Double? {
            guard let length else { return nil }
            guard let duration = DurationText.parse(length[...]), duration > .zero else {
                throw ValidationError("--for takes a duration such as 500ms or 5s, not \"\(length)\"")
            }
            return duration / .seconds(1)
        }

        private var line: String {
            let takesTarget = FaultLine.kinds.first { $0.name == name }?.takesTarget ?? false
            var parts = ["\(name): \(value ?? target ?? "random")"]
            if let target, !takesTarget { parts.append("target: \(target)") }
            for setting in settings {
                let pair = setting.split(separator: "=", maxSplits: 1)
                parts.append("\(pair[0]): \(pair.count > 1 ? pair[1] : "")")
            }
            return parts.joined(separator: ", ")
        }

        func run() throws {
            let answer = try place.ask(FaultRequest(.start, line))
            try place.show(answer)
            guard let seconds = try seconds() else { return }
            fflush(nil)
            Thread.sleep(forTimeInterval: seconds)
            let number = answer.text.prefix { $0 != " " }
            try place.show(try place.ask(FaultRequest(.stop, String(number))))
        }
    }

    struct Stop: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a fault, and show what witnessed it.")

        @Argument(help: "Its number, its name, or all.")
        var which: String

        @OptionGroup var place: Place

        func run() throws { try place.show(try place.ask(FaultRequest(.stop, which))) }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the faults in force.")

        @OptionGroup var place: Place

        func run() throws { try place.show(try place.ask(FaultRequest(.list))) }
    }

    struct Kinds: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List all faults that there are, with their values.")

        func run() {
            for kind in FaultLine.kinds {
                print("\(kind.name): \(kind.values)\n    \(kind.meaning)")
                if !kind.parameters.isEmpty { print("    with \(kind.parameters.joined(separator: ", "))") }
            }
        }
    }
}
