import Checkers
import Foundation
import History
import Testing

/// Histories with the verdict that each must get: the samples of SEMANTICS, and recordings of a real store.
@Suite struct ConformanceTests {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    private static let samples = here.appendingPathComponent("Conformance")
    private static let golden = here.appendingPathComponent("../../Histories/golden").standardized

    private static func names(in folder: URL, ending: String, malformed: Bool) -> [String] {
        let all = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return all.filter { $0.hasSuffix(ending) && $0.hasPrefix("malformed-") == malformed }
            .map { String($0.dropLast(ending.count)) }.sorted()
    }

    private struct Expected: Decodable {
        struct Found: Decodable {
            var type: String
            var key: String?
            var value: String?
            var other: String?
            var node: String?
        }
        var valid: Validity
        var anomalies: [Found]

        enum Member: String, CodingKey { case valid, anomalies }

        init(from decoder: any Decoder) throws {
            let members = try decoder.container(keyedBy: Member.self)
            anomalies = try members.decode([Found].self, forKey: .anomalies)
            if let valid = try? members.decode(Bool.self, forKey: .valid) {
                self.valid = valid ? .valid : .invalid
            } else {
                valid = .unknown
            }
        }
    }

    private static func compare(_ path: URL, _ expectedPath: URL) throws {
        let history = try HistoryFile.read(path: path.path)
        try history.validate(file: path.path)
        let verdict = check(history, checkers: CheckerName.contract, maxAnomalies: .max)
        let expected = try JSONDecoder().decode([String: Expected].self, from: Data(contentsOf: expectedPath))
        #expect(!expected.isEmpty)
        for (name, wanted) in expected {
            let checker = try #require(CheckerName(rawValue: name))
            let result = try #require(verdict[checker])
            let found = OracleTests.anomalies(result)
            let listed = Set(
                wanted.anomalies.map {
                    "\($0.type)|\($0.key ?? "")|\($0.value ?? "")|\($0.other ?? "")|\($0.node ?? "")"
                })
            #expect(
                found == listed,
                "\(name): missing \(listed.subtracting(found)), too many \(found.subtracting(listed))")
            #expect(result.validity == wanted.valid, "\(name)")
            #expect(result.anomalyCount == listed.count)
        }
    }

    @Test(arguments: names(in: samples, ending: ".jsonl", malformed: false))
    func sampleGetsItsVerdict(name: String) throws {
        try Self.compare(
            Self.samples.appendingPathComponent(name + ".jsonl"),
            Self.samples.appendingPathComponent(name + ".expected.json"))
    }

    @Test(arguments: names(in: golden, ending: ".jsonl.gz", malformed: false))
    func recordingGetsItsVerdict(name: String) throws {
        try Self.compare(
            Self.golden.appendingPathComponent(name + ".jsonl.gz"),
            Self.golden.appendingPathComponent(name + ".expected.json"))
    }

    @Test(arguments: names(in: samples, ending: ".jsonl", malformed: true))
    func malformedSampleIsRefused(name: String) throws {
        let path = Self.samples.appendingPathComponent(name + ".jsonl").path
        let error = #expect(throws: HistoryError.self) {
            try HistoryFile.read(path: path).validate(file: path)
        }
        #expect(error?.line != nil)
        #expect(error?.file == path)
    }

    @Test func samplesAreThere() {
        #expect(Self.names(in: Self.samples, ending: ".jsonl", malformed: false).count == 48)
        #expect(Self.names(in: Self.samples, ending: ".jsonl", malformed: true).count == 10)
        #expect(Self.names(in: Self.golden, ending: ".jsonl.gz", malformed: false).count >= 3)
    }
}
