/// How a log line is written: always one line, always the same fields first, then those of the event.
public enum LogFormat: String, CaseIterable, Sendable {
    /// `time=2026-11-22T17:31:02.123456Z level=warning node=n1 msg="peer suspected" peer=n2`
    case logfmt
    /// `{"time":"2026-11-22T17:31:02.123456Z","level":"warning","node":"n1","msg":"peer suspected","peer":"n2"}`
    case json

    /// The line, without its end.
    func line(_ fields: [(name: String, value: String)]) -> [UInt8] {
        switch self {
        case .logfmt:
            return Array(fields.map { "\($0.name)=\(Self.quoted($0.value))" }.joined(separator: " ").utf8)
        case .json:
            var line = JSONLine()
            for (index, field) in fields.enumerated() {
                line.raw(index == 0 ? "{" : ",")
                line.string(field.name)
                line.raw(":")
                line.string(field.value)
            }
            line.raw("}")
            return line.bytes
        }
    }

    /// A value as it stands when it is one word, else in quotes with the characters that would end them or the line
    /// escaped.
    private static func quoted(_ value: String) -> String {
        let plain = !value.isEmpty && value.utf8.allSatisfy { $0 > 0x20 && $0 != 0x22 && $0 != 0x3D && $0 != 0x7F }
        if plain { return value }
        var quoted = "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": quoted += "\\\""
            case "\\": quoted += "\\\\"
            case "\n": quoted += "\\n"
            default: quoted.unicodeScalars.append(scalar.value < 0x20 ? " " : scalar)
            }
        }
        return quoted + "\""
    }
}
