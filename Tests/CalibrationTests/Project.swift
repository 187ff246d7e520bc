import Foundation
import Workload

/// The files of the project that these tests are about.
enum Project {
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static func workload(_ name: String) throws -> Workload {
        let text = try String(contentsOf: root.appending(path: "Workloads/\(name).yml"), encoding: .utf8)
        return try WorkloadFile.parse(text: text, file: "\(name).yml")
    }

    static var workloadNames: [String] {
        get throws {
            try FileManager.default.contentsOfDirectory(atPath: root.appending(path: "Workloads").path)
                .filter { $0.hasSuffix(".yml") }.map { String($0.dropLast(4)) }.sorted()
        }
    }
}
