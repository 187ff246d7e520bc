import Checkers
import History
import Testing

/// Short histories, spelled in few words: `0 invoke put x a n1`, one event a line.
struct FieldHistory {
    var history: History

    /// - Parameter lines: JSON members after `time`, which counts milliseconds from 0.
    init(_ lines: [String]) throws {
        var text = "{\"dyno\":1}\n"
        for (index, line) in lines.enumerated() { text += "{\"time\":\(index * 1_000_000),\(line)}\n" }
        history = try JSONLines.parse(Array(text.utf8), file: "h")
        try history.validate(file: "h")
    }

    static func begin(_ process: Int, _ f: String, _ rest: String = "") -> String {
        event(process, "invoke", f, rest)
    }

    static func ok(_ process: Int, _ f: String, _ rest: String = "") -> String { event(process, "ok", f, rest) }

    static func event(_ process: Int, _ type: String, _ f: String, _ rest: String = "") -> String {
        "\"process\":\(process),\"type\":\"\(type)\",\"f\":\"\(f)\"" + (rest.isEmpty ? "" : "," + rest)
    }

    /// An operation that nothing else happens during.
    static func done(_ process: Int, _ f: String, _ rest: String = "", answer: String = "") -> [String] {
        [begin(process, f, rest), ok(process, f, answer)]
    }

    static func put(_ process: Int, _ key: String, _ id: String, seen: [String] = [], extra: String = "") -> [String] {
        let list = seen.isEmpty ? "" : ",\"seen\":[" + seen.map { "\"\($0)\"" }.joined(separator: ",") + "]"
        return [
            begin(process, "put", "\"key\":\"\(key)\",\"value\":\"\(id)\"\(list)\(extra)"),
            ok(process, "put", "\"key\":\"\(key)\",\"value\":\"\(id)\""),
        ]
    }

    static func get(_ process: Int, _ key: String, _ ids: [String]) -> [String] {
        let list = ids.map { "\"\($0)\"" }.joined(separator: ",")
        return [
            begin(process, "get", "\"key\":\"\(key)\""), ok(process, "get", "\"key\":\"\(key)\",\"value\":[\(list)]"),
        ]
    }

    static let final = "\"process\":\"controller\",\"type\":\"info\",\"f\":\"phase\",\"value\":\"final\""
    static func nemesis(_ f: String, _ nodes: String) -> String {
        "\"process\":\"nemesis\",\"type\":\"info\",\"f\":\"\(f)\",\"value\":[\(nodes)]"
    }
}

/// The result of one checker on some lines.
func result(
    _ name: CheckerName, _ lines: [String], _ change: (inout CheckOptions) -> Void = { _ in }
) throws -> CheckerResult {
    var options = CheckOptions()
    change(&options)
    let history = try FieldHistory(lines).history
    let verdict = check(history, checkers: [name], options: options)
    return try #require(verdict[name])
}

extension CheckerResult {
    /// `type value @ops` of each anomaly.
    var brief: [String] {
        anomalies.map { "\($0.type.name) \($0.value ?? "-") @" + $0.ops.map(String.init).joined(separator: ",") }
    }

    func figure(_ name: String) -> Double? { figures.first { $0.name == name }?.value }
}
