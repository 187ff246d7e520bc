import Foundation

/// Finds the histories of runs: what a command that takes runs is given is a history, a run's directory, or a folder of such.
enum RunFolder {
    enum Entry {
        /// A history, and the run that it belongs to as a reader knows it.
        case history(path: String, run: String)
        /// Something that was named, or should be there, and is not.
        case missing(String, String)
    }

    private static let history = "history.dyno"
    /// A directory with any of these is a run's.
    private static let marks = [history, "workload.yml"]

    /// Every run under the paths, in the order of the paths and then of names; each once.
    static func histories(under paths: [String]) -> [Entry] {
        var entries: [Entry] = []
        var seen: Set<String> = []
        for path in paths {
            for (run, entry) in runs(at: trimmed(path)) where seen.insert(canonical(run)).inserted {
                entries.append(entry)
            }
        }
        return entries
    }

    private static func runs(at path: String) -> [(run: String, entry: Entry)] {
        var isDirectory: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            return [(path, .missing(path, "there is nothing at \(path)"))]
        }
        guard isDirectory.boolValue else { return [(path, .history(path: path, run: path))] }
        if isRun(path) { return [(path, entry(of: path))] }
        let names = ((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []).sorted()
        let runs = names.map { "\(path)/\($0)" }.filter(isRun)
        guard !runs.isEmpty else { return [(path, .missing(path, "there is no run in \(path)"))] }
        return runs.map { ($0, entry(of: $0)) }
    }

    private static func isRun(_ path: String) -> Bool {
        marks.contains { FileManager.default.fileExists(atPath: "\(path)/\($0)") }
    }

    private static func entry(of run: String) -> Entry {
        let path = "\(run)/\(history)"
        guard FileManager.default.fileExists(atPath: path) else {
            return .missing(run, "the run \(run) left no history")
        }
        return .history(path: path, run: run)
    }

    private static func trimmed(_ path: String) -> String {
        path.count > 1 && path.hasSuffix("/") ? trimmed(String(path.dropLast())) : path
    }

    private static func canonical(_ path: String) -> String {
        URL(fileURLWithPath: path).resolvingSymlinksInPath().path
    }
}
