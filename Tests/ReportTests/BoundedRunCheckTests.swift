import Checkers
import History
import Report
import Testing

#if canImport(Glibc)
    import Glibc
#else
    import Darwin
#endif

/// A file gets the verdict of its history in memory, whatever its form, the checkers and the memory given.
@Suite struct BoundedRunCheckTests {
    private static let choices: [[CheckerName]] = [
        [.staleness], [.siblings, .durability, .availability, .linearizable], [.convergence],
        [.cart, .uniqueIDs, .counter, .setFull, .session],
    ]

    private static func json(_ path: String, _ checkers: [CheckerName], memory: Int) throws -> String {
        var options = CheckOptions()
        options.mostVersionsBehind = 1
        return try RunCheck.verdict(
            file: path, checkers: checkers, maxAnomalies: 3, resources: CheckResources(memory: memory), options: options
        ).json
    }

    @Test(arguments: [".dyno", ".jsonl"]) func sameVerdictWhateverTheMemory(ending: String) throws {
        let path = "/tmp/bounded-run-check-\(UInt64.random(in: 0...UInt64.max))\(ending)"
        defer { remove(path) }
        var history = SyntheticHistory.generate(events: 60_000, keys: 50, clients: 6, seed: 11)
        // A node is down for a while, as *availability* wants it.
        var kill = EventDraft(history.events[30_000].time, .nemesis, .info, .kill)
        kill.list = .ids(["n1"])
        var changed = History()
        changed.header = history.header
        for index in history.events.indices {
            if index == 30_000 { changed.append(kill) }
            changed.append(history.draft(index))
        }
        history = changed
        try HistoryFile.write(history, to: path)
        for checkers in Self.choices {
            var options = CheckOptions()
            options.mostVersionsBehind = 1
            let whole = check(history, checkers: checkers, maxAnomalies: 3, options: options).json
            #expect(try Self.json(path, checkers, memory: 2 << 20) == whole, "\(checkers)")
            #expect(try Self.json(path, checkers, memory: 1 << 30) == whole, "\(checkers)")
        }
    }

    @Test func malformedHistoriesAreToldOf() throws {
        let path = "/tmp/bounded-run-check-\(UInt64.random(in: 0...UInt64.max)).jsonl"
        defer { remove(path) }
        let file = try #require(fopen(path, "w"))
        let seen =
            "{\"time\":0,\"process\":0,\"type\":\"invoke\",\"f\":\"put\",\"key\":\"k\",\"value\":\"a\",\"seen\":[\"x\"]}"
        fputs("{\"dyno\":1}\n\(seen)\n", file)
        fclose(file)
        let error = #expect(throws: HistoryError.self) { try Self.json(path, [.staleness], memory: 1 << 20) }
        #expect(error?.line == 2 && error?.reason.contains("is written by nobody") == true)
    }
}
