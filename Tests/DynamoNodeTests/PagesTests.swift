import Foundation
import Testing

/// What the documentation names as proof is there.
@Suite("Pages of the documentation")
struct PagesTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func page(_ name: String) throws -> String {
        try String(
            contentsOf: root.appending(path: "Sources/DynamoNode/DynamoNode.docc/\(name).md"), encoding: .utf8)
    }

    /// By suite: the text of the file in which it is.
    private static func suites() throws -> [String: String] {
        var suites: [String: String] = [:]
        let folder = root.appending(path: "Tests")
        for case let file as URL in FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
            ?? .init()
        {
            guard file.pathExtension == "swift" else { continue }
            suites[file.deletingPathExtension().lastPathComponent] = try String(contentsOf: file, encoding: .utf8)
        }
        return suites
    }

    @Test("every row of Riak's bugs is there once, and every test that is named exists")
    func riaksBugs() throws {
        let page = try Self.page("RiaksBugs")
        let rows = page.matches(of: /(?m)^\| (\d+) \|/).compactMap { Int($0.1) }
        #expect(rows.sorted() == Array(1...42))
        let suites = try Self.suites()
        let named = page.matches(of: /`(\w+Tests)\.(\w+)`/)
        #expect(named.count > 42)
        for match in named {
            #expect(suites[String(match.1)]?.contains("func \(match.2)(") == true, "\(match.0)")
        }
    }

    @Test("every file, test and workload that the page of features names exists")
    func features() throws {
        let page = try Self.page("FeatureByFeature")
        let suites = try Self.suites()
        let tests = suites.values.joined()
        for match in page.matches(of: /`(\w+Tests)`/) { #expect(suites[String(match.1)] != nil, "\(match.0)") }
        for match in page.matches(of: /`(\w+Tests)\.(\w+)`/) {
            #expect(suites[String(match.1)]?.contains("func \(match.2)(") == true, "\(match.0)")
        }
        for match in page.matches(of: /`(Workloads\/[\w-]+\.yml)`/) {
            #expect(
                FileManager.default.fileExists(atPath: Self.root.appending(path: String(match.1)).path), "\(match.0)")
        }
        for match in page.matches(of: /(?m)^\| .* \| .* \| (.*) \| .* \|$/) {
            for place in match.1.matches(of: /`([A-Z][\w\/]*)`/) {
                let name = String(place.1)
                let candidates = ["Sources/Dynamo/\(name).swift", "Sources/\(name).swift", "Sources/\(name)"]
                let isThere = candidates.contains {
                    FileManager.default.fileExists(atPath: Self.root.appending(path: $0).path)
                }
                #expect(isThere, "\(name)")
            }
        }
        for match in page.matches(of: /`([a-z]\w*[A-Z]\w*)`/) {
            #expect(tests.contains("func \(match.1)("), "\(match.0)")
        }
    }
}
