import Foundation
import History

/// Runs of `dyno run` in processes of their own, for commands that need many.
struct ProcessTrials {
    /// Where the workload files are, and where runs are kept.
    let workloads: String
    let runs: String
    private let stamp = Int(Date().timeIntervalSince1970)

    init(workloads: String, runs: String) {
        self.workloads = workloads
        self.runs = runs
    }

    /// Runs a workload to its end; its history.
    ///
    /// - Throws: ``Failure`` when the run could not be made.
    func history(_ workload: String, seed: UInt64, flaw: (some RawRepresentable<String>)?) throws -> History {
        let directory = directory(workload, seed: seed, flaw: flaw)
        let process = Foundation.Process()
        process.executableURL = URL(fileURLWithPath: Executables.beside("dyno"))
        process.arguments = [
            "run", "\(workloads)/\(workload).yml", "--seed", "\(seed)", "--into", directory, "--quiet",
        ]
        if let flaw { process.arguments? += ["--flaw", flaw.rawValue] }
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard [ExitStatus.valid, ExitStatus.invalid, ExitStatus.unknown].contains(process.terminationStatus) else {
            throw Failure.broken("a run failed (exit status \(process.terminationStatus)): \(directory)")
        }
        let history = try HistoryFile.read(path: "\(directory)/history.dyno")
        try history.validate(file: "\(directory)/history.dyno")
        return history
    }

    /// Removes what a run left.
    func remove(_ workload: String, seed: UInt64, flaw: (some RawRepresentable<String>)?) {
        try? FileManager.default.removeItem(atPath: directory(workload, seed: seed, flaw: flaw))
    }

    private func directory(_ workload: String, seed: UInt64, flaw: (some RawRepresentable<String>)?) -> String {
        "\(runs)/calibration-\(stamp)-\(flaw?.rawValue ?? "sound")-\(workload)-\(seed)"
    }
}
