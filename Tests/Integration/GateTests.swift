import Foundation
import Testing

/// `dyno gate` on the history of a real run, and on what becomes of it when something is taken away: never green.
@Suite struct GateTests {
    /// A real run, its history as lines of text, and a policy beside it.
    private struct Bench {
        let directory: TemporaryDirectory
        let lines: [String]
        var path: String { directory.path }

        init() throws {
            directory = try TemporaryDirectory()
            let run = try Program.run([
                "run", SmallWorkload.write(into: directory), "--into", "\(directory.path)/good", "--quiet",
            ])
            try #require(run.status == 0, "\(run.output)\(run.errors)")
            let text = "\(directory.path)/good.jsonl"
            try #require(try Program.run(["convert", "\(directory.path)/good/history.dyno", text]).status == 0)
            lines = try String(contentsOfFile: text, encoding: .utf8).split(separator: "\n").map(String.init)
        }

        /// What the gate answers on `run`, under a policy with `rules` added.
        func gate(_ run: String?, _ rules: String = "") throws -> Program.Result {
            try "name: release\nruns:\n  - workload: small\n\(rules)"
                .write(toFile: "\(path)/policy.yml", atomically: true, encoding: .utf8)
            return try Program.run(["gate", "\(path)/policy.yml"] + (run.map { ["\(path)/\($0)"] } ?? []))
        }

        /// The same on a history of other lines.
        func gate(lines: [String], _ rules: String = "") throws -> Program.Result {
            try (lines.joined(separator: "\n") + "\n")
                .write(toFile: "\(path)/other.jsonl", atomically: true, encoding: .utf8)
            return try gate("other.jsonl", rules)
        }
    }

    /// Every refusal on one real run, since a run takes seconds.
    @Test(.timeLimit(.minutes(5))) func whatIsNotShownNeverPasses() throws {
        let bench = try Bench()
        let good = try bench.gate("good")
        #expect(good.status == 0 && good.output.hasSuffix("gate release: pass\n"), "\(good.output)\(good.errors)")
        #expect(try bench.gate(lines: bench.lines).status == 0)
        func refuses(_ lines: [String], _ why: String, _ rules: String = "") throws {
            let result = try bench.gate(lines: lines, rules)
            #expect(result.status == 2 && result.output.contains(why), "\(why): \(result.output)\(result.errors)")
        }
        let nothing = try bench.gate(nil)
        #expect(nothing.status == 2 && nothing.output.contains("No run was handed over"))
        #expect(try bench.gate("nowhere").output.contains("there is nothing at"))
        try refuses([bench.lines[0]], "The history is empty")
        try refuses(bench.lines.dropLast(), "did not write down what it counted")
        try refuses(Array(bench.lines.prefix(bench.lines.count / 2)), "not complete")
        try refuses(bench.lines.filter { !$0.contains("\"witness\"") }, "No witness proves the fault")
        try refuses(bench.lines.filter { !$0.contains("\"replica\"") }, "convergence is unknown")
        try refuses(changed(bench.lines, 0, "\"build\":\"", "\"build\":\"0"), "The run was made by build 0")
        try refuses(changed(bench.lines, 0, "\"dyno\":1", "\"dyno\":99"), "version 99 of the form is not known")
        let waiver = "waivers:\n  - { anomaly: lost-write, owner: ann, reason: none, expires: 2020-01-01 }\n"
        let expired = try bench.gate("good", waiver)
        #expect(expired.status == 2 && expired.output.contains("expired on 2020-01-01"), "\(expired.output)")
    }

    @Test(.timeLimit(.minutes(5))) func aCutFileASlowerRunAndAnOldCalibrationAreRefused() throws {
        let bench = try Bench()
        let bytes = try Data(contentsOf: URL(fileURLWithPath: "\(bench.path)/good/history.dyno"))
        for length in [0, bytes.count / 2, bytes.count - 1] {
            try bytes.prefix(length).write(to: URL(fileURLWithPath: "\(bench.path)/cut.dyno"))
            let result = try bench.gate("cut.dyno")
            #expect(result.status == 2, "\(length) of \(bytes.count): \(result.output)")
        }
        // Five seconds later from the moment on at which the replicas agreed.
        let converged = try #require(bench.lines.firstIndex { $0.contains("\"converged\"") })
        let slower = try bench.lines.enumerated().map { place, line in
            place < converged ? line : try later(line, by: 5_000_000_000)
        }
        let baseline = "    baseline: { run: good, convergence: 150% }\n"
        let slow = try bench.gate(lines: slower, baseline)
        #expect(slow.status == 1 && slow.output.contains("the baseline took"), "\(slow.output)")
        #expect(try bench.gate("good", baseline).status == 0)
        let rule = "calibration: { file: calibration.json, within-days: 14 }\n"
        #expect(try bench.gate("good", rule).status == 2)
        let build = try #require(bench.lines[0].firstMatch(of: #/"build":"([^"]*)"/#)?.1)
        for (made, finished, status) in [
            (String(build), today(), 0), (String(build), "2020-01-01T00:00:00Z", 2), ("0-0-0", today(), 2),
        ] {
            try """
            {"build":"\(made)","finished":"\(finished)","flaws":[{"flaw":"f","found":true}],
             "sound":{"runs":1,"falseAlarms":0}}
            """.write(toFile: "\(bench.path)/calibration.json", atomically: true, encoding: .utf8)
            let result = try bench.gate("good", rule)
            #expect(result.status == status, "\(made) \(finished): \(result.output)")
        }
    }

    private func today() -> String { ISO8601DateFormatter().string(from: Date()) }

    private func changed(_ lines: [String], _ place: Int, _ old: String, _ new: String) -> [String] {
        var lines = lines
        lines[place] = lines[place].replacingOccurrences(of: old, with: new)
        return lines
    }

    private func later(_ line: String, by nanoseconds: Int64) throws -> String {
        let match = try #require(line.firstMatch(of: #/"time":([0-9]+)/#))
        let time = try #require(Int64(match.1))
        return line.replacingCharacters(in: match.range, with: "\"time\":\(time + nanoseconds)")
    }
}
