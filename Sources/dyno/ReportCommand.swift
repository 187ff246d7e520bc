import ArgumentParser
import Foundation
import Report

/// `dyno report`.
struct ReportCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "report",
        abstract: "Write the report of a run as one HTML file, or an index of a folder of runs.",
        discussion: """
            The file holds everything that it shows and asks no network for anything: verdict, what was exercised and witnessed, \
            latency and throughput under the faults, repairs, staleness, the ring, each anomaly drawn, and how to repeat the run. \
            dyno run writes one beside its history by itself.

              dyno report Histories/runs/20260101T120000Z-handoff-7     writes report.html in there
              dyno report history.jsonl.gz -o report.html
              dyno report Histories/runs                                an index of all runs, and the reports that are missing

            Exit status: 0 written, 254 the history cannot be used.
            """)

    @Argument(help: "A run's directory, a history, or a folder of runs.", completion: .file())
    var path: String

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["html"]))
    var output: String?

    func run() throws {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw Failure.unusable("there is no \(path)")
        }
        if isDirectory.boolValue, !RunIndex.isRun(path) { return try writeIndex() }
        let target = output ?? (isDirectory.boolValue ? path + "/report.html" : "report.html")
        let html = try ReportWriting.html(of: path)
        try ReportWriting.write(html, to: target)
        print("\(target) (\((html.utf8.count + 1023) / 1024) KB)")
    }

    private func writeIndex() throws {
        let entries = RunIndex.entries(of: path) { SiteRoute.component($0) + "/report.html" }
        if entries.isEmpty {
            throw Failure.unusable("there is no run in \(path): no directory in it holds a history.dyno")
        }
        var failed = 0
        for entry in entries {
            let report = "\(path)/\(entry.name)/report.html"
            guard !FileManager.default.fileExists(atPath: report) else { continue }
            do { try ReportWriting.write(try ReportWriting.html(of: "\(path)/\(entry.name)"), to: report) } catch {
                failed += 1
                let words = (error as? Failure)?.message ?? "\(error)"
                FileHandle.standardError.write(Data("no report of \(entry.name): \(words)\n".utf8))
            }
        }
        let target = output ?? path + "/index.html"
        try ReportWriting.write(RunIndex.html(entries, folder: path), to: target)
        print("\(target): \(entries.count) runs" + (failed > 0 ? ", \(failed) without a report" : ""))
    }
}
