import Foundation

/// How the trials went, file by file.
struct Summary {
    let results: [MutantResult]

    /// Whether every mutant met the end that the list says.
    var isGood: Bool { results.allSatisfy(\.isExpected) }

    private func row(_ name: String, _ results: [MutantResult]) -> String {
        let survived = results.filter { $0.killer == nil }
        let known = survived.count { $0.mutant.equivalent != nil }
        let counts =
            [results.count] + Trial.Stage.allCases.map { stage in results.count { $0.killer?.stage == stage } }
            + [known, survived.count - known]
        return "| \(name) | " + counts.map(String.init).joined(separator: " | ") + " |"
    }

    /// A table of the files, the survivors with what is known of them, and what it took.
    func text(seconds: Double) -> String {
        var lines = [
            "", "| file | mutants | killed by samples | by the oracle | by the rest | equivalent | survived |",
            "| --- | ---: | ---: | ---: | ---: | ---: | ---: |",
        ]
        for (file, group) in Dictionary(grouping: results, by: \.mutant.file).sorted(by: { $0.key < $1.key }) {
            lines.append(row(file, group))
        }
        lines.append(row("all", results))
        lines.append("")
        for result in results where result.killer == nil {
            lines.append("\(result.text): \(result.mutant.equivalent ?? "the tests lack a case")")
        }
        for result in results where result.killer != nil && !result.isExpected { lines.append(result.text) }
        lines.append(
            String(
                format: "%d of %d killed; %.0f s, %.0f s of processor time", results.count { $0.killer != nil },
                results.count, seconds, ProcessorTime.ofChildren))
        return lines.joined(separator: "\n")
    }
}

/// Processor time that child processes took which are gone.
enum ProcessorTime {
    /// In seconds, user and system.
    static var ofChildren: Double {
        var usage = rusage()
        guard getrusage(RUSAGE_CHILDREN.rawValue, &usage) == 0 else { return 0 }
        let seconds = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec
        return Double(seconds) + Double(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1_000_000
    }
}
