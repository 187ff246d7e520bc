import Foundation

/// Where a run leaves what it made: `Histories/runs/<time>-<workload>-<seed>/`.
public struct RunDirectory: Sendable {
    public let path: String

    public var history: String { path + "/history.dyno" }
    public var summary: String { path + "/summary.txt" }
    public var verdict: String { path + "/verdict.json" }
    public var report: String { path + "/report.html" }
    public var workload: String { path + "/workload.yml" }
    /// The faults that were carried out, for ``ScheduleFile``.
    public var schedule: String { path + "/schedule.yml" }
    /// What passed the network, for Wireshark.
    public var capture: String { path + "/capture.pcap.gz" }
    /// What passed the network so far, while the run goes on.
    public var wire: String { path + "/wire.json" }
    func data(of node: String) -> String { path + "/nodes/\(node)/data" }
    /// The page through which a node's fault library is told what to do.
    func control(of node: String) -> String { path + "/nodes/\(node)/fault-control" }
    func log(of node: String) -> String { path + "/nodes/\(node)/node.log" }

    /// Makes a new directory under `root`. `start` names it, in UTC and to the second; a second run in the same second gets a number.
    public init(root: String, workload: String, seed: UInt64, start: Date = Date()) throws {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.timeZone = TimeZone(identifier: "UTC")
        formatter.dateFormat = "yyyyMMdd'T'HHmmss'Z'"
        let name = "\(root)/\(formatter.string(from: start))-\(workload)-\(seed)"
        try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
        var path = name
        var number = 1
        // mkdir refuses what exists: two runs never share a directory.
        while mkdir(path, 0o755) != 0 {
            guard errno == EEXIST, number < 1000 else {
                throw RunDirectoryError(description: "cannot make \(path): \(String(cString: strerror(errno)))")
            }
            number += 1
            path = "\(name).\(number)"
        }
        self.path = path
    }

    /// The directory `path`, made now; it must not hold anything yet.
    public init(exactly path: String) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        guard try FileManager.default.contentsOfDirectory(atPath: path).isEmpty else {
            throw RunDirectoryError(description: "\(path) is not empty; name a new directory")
        }
        self.path = path
    }

    func makeNodeDirectories(_ nodes: [String]) throws {
        for node in nodes {
            try FileManager.default.createDirectory(atPath: data(of: node), withIntermediateDirectories: true)
        }
    }

    /// Removes what the nodes stored, and keeps their logs.
    func removeData(of nodes: [String]) {
        for node in nodes {
            for path in [data(of: node), control(of: node)] { try? FileManager.default.removeItem(atPath: path) }
        }
    }
}

/// A run directory that could not be made.
public struct RunDirectoryError: Error, CustomStringConvertible, Sendable {
    public let description: String
}
