import Checkers
import Dynamo

/// A calibration as a person reads it in a terminal.
public enum CalibrationText {
    private static let header = [
        "flaw", "mode", "found", "seeds", "checker", "anomaly", "workload", "operations", "seconds",
    ]

    public static func text(of report: CalibrationReport) -> String {
        var lines = table([header] + report.flaws.map(cells))
        for (flaw, reason) in report.simulatedOnly.sorted(by: { $0.key < $1.key }) {
            lines.append("\(flaw) is tried in simulation only: \(reason)")
        }
        let flaws = Set(report.flaws.map(\.flaw))
        let missed = Set(report.flaws.filter { !$0.found }.map(\.flaw))
        if !flaws.isEmpty {
            lines += ["", "\(flaws.count - missed.count) of \(flaws.count) flaws found"]
            if !missed.isEmpty { lines.append("missed: \(missed.sorted().joined(separator: ", "))") }
        }
        let sound = report.sound
        lines.append(
            "\(sound.falseAlarms) false alarms in \(sound.runs) runs of the sound store"
                + " (\(sound.processRuns) with real processes)")
        lines += sound.alarms.map { "FALSE ALARM  \($0)" }
        lines.append("build \(report.build), \(report.finished)")
        return lines.joined(separator: "\n")
    }

    /// What exposes each flaw, and what it must be found by.
    public static var exposures: String {
        let rows = Flaw.allCases.map { flaw in
            let exposure = flaw.exposure
            return [
                flaw.rawValue, exposure.workload, exposure.checker.rawValue,
                exposure.anomalies.map(\.name).joined(separator: ", "),
            ]
        }
        return table([["flaw", "workload", "checker", "anomaly"]] + rows).joined(separator: "\n")
    }

    private static func cells(_ row: CalibrationReport.Row) -> [String] {
        [
            row.flaw, row.mode.rawValue, row.found ? "found" : "MISSED", "\(row.foundSeeds)/\(row.seeds)",
            row.checker, row.anomaly, row.workload, row.operations.map { "\($0)" } ?? "-",
            row.seconds.map { "\($0)" } ?? "-",
        ]
    }

    private static func table(_ rows: [[String]]) -> [String] {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            var line = ""
            for (cell, width) in zip(row, widths) {
                line += cell + String(repeating: " ", count: width - cell.count + 2)
            }
            while line.hasSuffix(" ") { line.removeLast() }
            return line
        }
    }
}
