import Checkers
import Foundation
import History
import Report
import Testing

/// Histories for these tests, and what the checkers find in them.
enum Samples {
    private static let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    static let golden = here.appendingPathComponent("Golden")
    private static let conformance = here.appendingPathComponent("../CheckersTests/Conformance").standardized

    static func parse(_ lines: String) throws -> History {
        let history = try JSONLines.parse(Array(lines.utf8), file: "sample")
        try history.validate(file: "sample")
        return history
    }

    /// Every conformance history that can be read, by name.
    static func all() throws -> [(name: String, history: History)] {
        let names = try FileManager.default.contentsOfDirectory(atPath: conformance.path)
        return try names.filter { $0.hasSuffix(".jsonl") && !$0.hasPrefix("malformed") }.sorted().map {
            ($0, try HistoryFile.read(path: conformance.appendingPathComponent($0).path))
        }
    }

    static func anomalies(of history: History) -> [Anomaly] {
        check(history, checkers: CheckerName.allCases).checkers.flatMap(\.result.anomalies)
    }

    /// A put that its home n2, killed meanwhile, never got; a read that does not return it; and one version that lives on
    /// beside another that replaced it.
    static let handoff = """
        {"dyno":1,"name":"sample","nodes":["n1","n2","n3"],"n":3,"r":2,"w":2,"converge_within_ns":1000000000}
        {"time":0,"process":"controller","type":"info","f":"phase","value":"load"}
        {"time":1000000,"process":0,"type":"invoke","f":"put","key":"cart-7","value":"0-1","seen":[],"node":"n1"}
        {"time":2000000,"process":0,"type":"ok","f":"put","key":"cart-7","value":"0-1","dot":["n1",1],"clock":{}}
        {"time":3000000,"process":"nemesis","type":"info","f":"kill","value":["n2"]}
        {"time":4000000,"process":3,"type":"invoke","f":"put","key":"cart-7","value":"3-1","seen":["0-1"],"node":"n1"}
        {"time":5000000,"process":3,"type":"ok","f":"put","key":"cart-7","value":"3-1","dot":["n1",2],"clock":{"n1":1}}
        {"time":9000000,"process":"nemesis","type":"info","f":"restart","value":["n2"]}
        {"time":10000000,"process":"controller","type":"info","f":"phase","value":"heal"}
        {"time":11000000,"process":"controller","type":"info","f":"converged"}
        {"time":12000000,"process":"controller","type":"info","f":"phase","value":"final"}
        {"time":13000000,"process":"inspector","type":"ok","f":"replica","node":"n1","key":"cart-7","home":true,"value":[{"v":"3-1","dot":["n1",2],"clock":{"n1":1}}]}
        {"time":14000000,"process":"inspector","type":"ok","f":"replica","node":"n2","key":"cart-7","home":true,"value":[{"v":"0-1","dot":["n1",1],"clock":{}}]}
        {"time":15000000,"process":5,"type":"invoke","f":"get","key":"cart-7","node":"n2"}
        {"time":16000000,"process":5,"type":"ok","f":"get","key":"cart-7","value":["0-1"]}
        {"time":17000000,"process":5,"type":"invoke","f":"get","key":"cart-7","node":"n1"}
        {"time":18000000,"process":5,"type":"ok","f":"get","key":"cart-7","value":["0-1","3-1"]}

        """

    /// Hostile names wherever a history can hold one.
    static let hostile = #"""
        {"dyno":1,"name":"<script>alert(1)</script>","nodes":["n1","<img src=x onerror=alert(2)>"],"n":1,"r":1,"w":1,"workload":"</script><script>alert(3)</script>","seed":1,"flaw":"'\"><b>"}
        {"time":0,"process":"controller","type":"info","f":"phase","value":"load"}
        {"time":100,"process":"controller","type":"info","f":"ring","value":{"n":1,"preference":[["</title><script>alert(9)</script>"]]}}
        {"time":1000000,"process":0,"type":"invoke","f":"put","key":"<script>alert(4)</script>","value":"</script>\u2028\u001b[31m","seen":[],"node":"n1"}
        {"time":2000000,"process":0,"type":"ok","f":"put","key":"<script>alert(4)</script>","value":"</script>\u2028\u001b[31m"}
        {"time":3000000,"process":"nemesis","type":"info","f":"kill","value":["<img src=x onerror=alert(2)>"]}
        {"time":3500000,"process":"nemesis","type":"info","f":"fault","value":"</script><!--<script>\u2029"}
        {"time":4000000,"process":"controller","type":"info","f":"phase","value":"final"}
        {"time":5000000,"process":1,"type":"invoke","f":"get","key":"<script>alert(4)</script>","node":"n1"}
        {"time":6000000,"process":1,"type":"ok","f":"get","key":"<script>alert(4)</script>","value":["javascript:\"onload='alert(5)'\u0000\u202e"]}
        {"time":7000000,"process":"controller","type":"info","f":"witness","value":{"fault":"<b>kill</b>","nodes":["<i>"],"begin":1,"end":2,"effect_ns":1,"proven":false,"sentence":"<script>alert(6)</script>"}}

        """#
}
