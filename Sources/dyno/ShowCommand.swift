import ArgumentParser
import History
import Importers
import Report

/// `dyno show`.
struct ShowCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "show",
        abstract: "Print a history as text.",
        discussion: """
            One event a line: its number, its time in seconds, the process, what was done and what came of it.

              dyno show history.dyno --key cart-7
              dyno show history.dyno --process 3 --from 4.5 --to 6
              dyno show history.dyno --process nemesis
              dyno show history.dyno --event 120 --event 127
              dyno show history.dyno --schedule > faults.yml     its faults, to be carried out again

            Of a .dyno that was closed, only those parts are read that may have such events.
            """)

    @Argument(help: "The history to read.", completion: .file())
    var file: String

    @Option(help: "Only events of this key.")
    var key: String?

    @Option(help: "Only events of this process: a number, nemesis, controller or inspector.")
    var process: String?

    @Option(help: "Only events that name this node.")
    var node: String?

    @Option(help: "Only events from this time on, in seconds.")
    var from: Double?

    @Option(help: "Only events up to this time, in seconds.")
    var to: Double?

    @Option(name: .customLong("event"), help: "Only the event with this number; may be repeated.")
    var events: [Int] = []

    @Flag(help: "Print the faults that were carried out as a schedule, for dyno run --schedule.")
    var schedule = false

    func validate() throws {
        let selects = key != nil || process != nil || node != nil || from != nil || to != nil || !events.isEmpty
        if schedule, selects {
            throw ValidationError("--schedule prints no events: give it without a choice of events")
        }
    }

    func run() throws {
        if schedule { return try printSchedule() }
        let chosen = Set(events)
        do {
            if HistorySource.isForeign(path: file) {
                show(try HistorySource.read(path: file), 0, chosen)
                return
            }
            let truncation = try HistoryFile.forEachBlock(path: file, where: mayMatch) { history, first in
                show(history, first, chosen)
                return true
            }
            if let truncation { print("the history is cut short here: \(truncation.reason)") }
        } catch { throw Failure.unusable("\(error)") }
    }

    private func show(_ history: History, _ first: Int, _ chosen: Set<Int>) {
        let text = EventText(history)
        for position in history.events.indices where chosen.isEmpty || chosen.contains(first + position) {
            guard matches(position, history, text) else { continue }
            print(text.line(position, numbered: first + position))
        }
    }

    private func printSchedule() throws {
        let history: History
        do { history = try HistoryFile.read(path: file) } catch { throw Failure.unusable("\(error)") }
        do { print(try ScheduleText.text(of: history), terminator: "") } catch {
            throw Failure.unusable("\(file): \(error)")
        }
    }

    /// Whether a block may have events to print, by the file's index.
    private func mayMatch(_ block: BlockSummary) -> Bool {
        if let key, !block.mayHold(key: key) { return false }
        if !events.isEmpty, !events.contains(where: block.events.contains) { return false }
        if let from, Double(block.times.upperBound) / 1e9 < from { return false }
        if let to, Double(block.times.lowerBound) / 1e9 > to { return false }
        return true
    }

    private func matches(_ index: Int, _ history: History, _ text: EventText) -> Bool {
        let event = history.events[index]
        if let key, history.string(event.key) != key || event.key == Interner.none { return false }
        if let process, text.process(event) != process { return false }
        if let node, !text.nodes(event).contains(node) { return false }
        let seconds = Double(event.time) / 1e9
        if let from, seconds < from { return false }
        if let to, seconds > to { return false }
        return true
    }
}
