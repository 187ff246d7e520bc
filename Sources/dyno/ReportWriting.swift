import Checkers
import Foundation
import History
import Importers
import Report

/// Makes reports from what lies on disk.
enum ReportWriting {
    /// The report of a history, decided as `dyno check` decides.
    ///
    /// - Parameter path: a history, or the directory of a run.
    static func html(of path: String) throws -> String {
        let file = historyPath(path)
        let history: History
        do {
            history = try HistorySource.read(path: file)
            try history.validate(file: file)
        } catch {
            throw Failure.unusable("\(error)")
        }
        return html(history, RunCheck.verdict(on: history, checkers: []), path: file)
    }

    static func html(_ history: History, _ verdict: Verdict, path: String) -> String {
        let workload = URL(fileURLWithPath: path).deletingLastPathComponent().appendingPathComponent("workload.yml")
            .path
        let isOfRun = path.hasSuffix("/history.dyno")
        return ReportPage.html(
            .init(
                history: history, verdict: verdict, path: path,
                workload: isOfRun ? try? String(contentsOfFile: workload, encoding: .utf8) : nil,
                library: ChartLibrary(),
                nonce: nonce()))
    }

    static func historyPath(_ path: String) -> String {
        RunIndex.isRun(path) ? (path.hasSuffix("/") ? path : path + "/") + "history.dyno" : path
    }

    /// 128 random bits.
    private static func nonce() -> String {
        (0..<2).map { _ in
            let word = String(UInt64.random(in: 0...UInt64.max), radix: 16)
            return String(repeating: "0", count: 16 - word.count) + word
        }.joined()
    }

    static func write(_ html: String, to path: String) throws {
        do { try html.write(toFile: path, atomically: true, encoding: .utf8) } catch {
            throw Failure.unusable("cannot write \(path): \(error.localizedDescription)")
        }
    }
}
