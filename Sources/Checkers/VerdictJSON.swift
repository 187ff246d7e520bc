extension Verdict {
    /// The verdict as the one JSON object that `dyno check --format json` prints (SEMANTICS section 4): no line breaks,
    /// members in a fixed order, fields that an anomaly has not left out.
    public var json: String {
        var text = VerdictJSON()
        text.write(self)
        return text.output
    }
}

/// Writes a verdict as JSON text, byte for byte the same for the same verdict.
struct VerdictJSON {
    private(set) var output = ""

    mutating func write(_ verdict: Verdict) {
        output += "{\"valid\":\(literal(verdict.validity)),\"events\":\(verdict.events)"
        if let reason = verdict.reason { member("reason", reason) }
        output += ",\"checkers\":{"
        for (position, checker) in verdict.checkers.enumerated() {
            if position > 0 { output += "," }
            string(checker.name.rawValue)
            output += ":"
            write(checker.result)
        }
        if let exercise = verdict.exercise {
            output += verdict.checkers.isEmpty ? "\"exercise\":" : ",\"exercise\":"
            write(exercise)
        }
        output += "}}"
    }

    private mutating func write(_ result: CheckerResult) {
        output += "{\"valid\":\(literal(result.validity))"
        if let reason = result.reason { member("reason", reason) }
        if !result.figures.isEmpty {
            let figures = result.figures.map { "\"\($0.name)\":\($0.text)" }
            output += ",\"figures\":{\(figures.joined(separator: ","))}"
        }
        output += ",\"anomaly_count\":\(result.anomalyCount),\"anomalies\":["
        for (position, anomaly) in result.anomalies.enumerated() {
            if position > 0 { output += "," }
            write(anomaly)
        }
        output += "]}"
    }

    private mutating func write(_ anomaly: Anomaly) {
        output += "{\"type\":"
        string(anomaly.type.name)
        if let key = anomaly.key { member("key", key) }
        if let value = anomaly.value { member("value", value) }
        if let other = anomaly.other { member("other", other) }
        if let node = anomaly.node { member("node", node) }
        output += ",\"ops\":["
        output += anomaly.ops.map(String.init).joined(separator: ",")
        output += "]"
        member("message", anomaly.message)
        output += "}"
    }

    private func literal(_ validity: Validity) -> String {
        switch validity {
        case .valid: "true"
        case .invalid: "false"
        case .unknown: "\"unknown\""
        }
    }

    /// Writes a member that is not the first of its object.
    private mutating func member(_ name: String, _ value: String) {
        output += ",\"\(name)\":"
        string(value)
    }

    private mutating func string(_ value: String) {
        output += "\""
        for scalar in value.unicodeScalars {
            switch scalar {
            case "\"": output += "\\\""
            case "\\": output += "\\\\"
            case "\n": output += "\\n"
            case "\r": output += "\\r"
            case "\t": output += "\\t"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                output += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        output += "\""
    }
}
