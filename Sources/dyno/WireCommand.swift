import ArgumentParser
import Foundation
import History
import Report
import Wire

/// `dyno wire`.
struct WireCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wire",
        abstract: "Print what passed the network in a run: by link, by second, by kind of message.",
        discussion: """
            Reads a run's history, into which the capture wrote its counts, or the capture itself, which is then read again from its \
            first packet: streams are put back together, messages are decoded, and every acknowledgement of a write is judged by what \
            the wire had shown its coordinator by then.

              dyno wire Histories/runs/…/history.dyno
              dyno wire Histories/runs/…/history.dyno --from 4 --to 9       seconds 4 to 8
              dyno wire Histories/runs/…/capture.pcap.gz --format json
              dyno wire Histories/runs/… --live                             a run that goes on, again each second
              wireshark Histories/runs/…/capture.pcap.gz                    the same packets, one by one

            "stopped" are packets that a node sent and nobody got: cut, lost, or still under way. In the capture file interface k is the \
            port of the k-th node; "incoming" is what the node sent, "outgoing" what was delivered to it, so that a packet between two \
            nodes is there twice, and one that a cut stopped only once.

            Exit status: 0 printed, 1 a write was acknowledged before W copies were there, 254 the file cannot be used.
            """)

    enum Format: String, ExpressibleByArgument, CaseIterable { case text, json }

    @Argument(
        help: "A history (.dyno, .jsonl, .jsonl.gz), a run's capture (.pcap.gz), or with --live a run's directory.",
        completion: .file())
    var file: String

    @Option(help: "The first second shown.")
    var from = 0

    @Option(help: "The second after the last one shown.")
    var to: Int?

    @Option(help: "How it is printed.")
    var format = Format.text

    @Option(help: "Of a capture: the store's N; by default what the history beside it says, else 3.")
    var n: Int?

    @Option(
        name: .customLong("w"),
        help: "Of a capture: copies that an acknowledgement needs; by default what the history beside it says, else 2.")
    var w: Int?

    @Flag(help: "What passes now, a second, by link and kind of message, until the load of the run ends.")
    var live = false

    func validate() throws {
        if from < 0 { throw ValidationError("--from must be 0 or more, not \(from)") }
        if let to, to <= from { throw ValidationError("--to must be more than --from (\(from)), not \(to)") }
    }

    func run() throws {
        if live { return try LiveWire(directory: file).follow() }
        guard FileManager.default.isReadableFile(atPath: file) else { throw Failure.unusable("cannot read \(file)") }
        let report: WireReport
        var below: [AcknowledgedPut] = []
        if PcapFile.isCapture(file) {
            let header = headerBeside()
            do {
                let reading = try PcapFile.read(file, n: n ?? header?.n ?? 3, w: w ?? header?.w ?? 2)
                (report, below) = (reading.report, reading.acknowledged.filter(\.isBelowW))
                if let reason = reading.cutShort { warn("\(file): \(reason); this is what came before") }
            } catch {
                throw Failure.unusable("\(file): \(error)")
            }
        } else {
            report = try recorded()
        }
        switch format {
        case .json: print(try json(report))
        case .text:
            print(WireText.text(of: report, from: from, to: to ?? .max))
            for put in below.prefix(20) {
                print(
                    "below W       \(put.id) at \(put.coordinator): W=\(put.w), \(put.acknowledgements) acknowledgements before its own"
                )
            }
        }
        if report.belowW > 0 { throw ExitCode(ExitStatus.invalid) }
    }

    private struct ValueForm: Decodable {
        var value: WireReport
    }

    /// What the run wrote into its history.
    private func recorded() throws -> WireReport {
        let history: History
        do { history = try HistoryFile.read(path: file) } catch { throw Failure.unusable("\(error)") }
        for (index, event) in history.events.enumerated().reversed()
        where event.process == .controller && event.function == .other && history.string(event.name) == "wire" {
            let members = history.extras[index] ?? ""
            guard let form = try? JSONDecoder().decode(ValueForm.self, from: Data("{\(members)}".utf8)) else {
                continue
            }
            return form.value
        }
        throw Failure.unusable(
            "\(file) has no counts of a capture in it: it was cut short, or comes from elsewhere; "
                + "a run's capture.pcap.gz may be read instead")
    }

    /// The quorums in the header of the history that lies beside a capture.
    private func headerBeside() -> (n: Int?, w: Int?)? {
        let path = URL(fileURLWithPath: file).deletingLastPathComponent().appendingPathComponent("history.dyno").path
        guard let header = try? HistoryFile.read(path: path).header else { return nil }
        return (header.n.map { Int($0) }, header.w.map { Int($0) })
    }

    private func json(_ report: WireReport) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(report), as: UTF8.self)
    }

    private func warn(_ text: String) { FileHandle.standardError.write(Data("dyno: \(text)\n".utf8)) }
}
