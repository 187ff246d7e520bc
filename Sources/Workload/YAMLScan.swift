/// A look at the text before the YAML parser sees it, for the two things that cost it more than the text's length: deep nesting
/// (it is recursive) and aliases (a few lines of them stand for a gigabyte). A workload needs neither.
enum YAMLScan {
    struct Problem {
        var line: Int
        var message: String
    }

    static func problem(in text: String, maximumDepth: Int) -> Problem? {
        var scan = Scan(maximumDepth: maximumDepth)
        for byte in text.utf8 {
            scan.take(byte)
            if let problem = scan.problem { return problem }
        }
        return nil
    }

    private struct Scan {
        let maximumDepth: Int
        var line = 1
        /// Open brackets and braces.
        var depth = 0
        /// `-`, `?` and `:` that stand alone on this line: each may open one more level.
        var indicators = 0
        var previous = UInt8(ascii: "\n")
        /// The quote that is open, if one is.
        var quote: UInt8?
        var inComment = false
        var problem: Problem?

        init(maximumDepth: Int) { self.maximumDepth = maximumDepth }

        mutating func take(_ byte: UInt8) {
            defer { previous = byte }
            if byte == UInt8(ascii: "\n") {
                line += 1
                indicators = 0
                inComment = false
            } else if let open = quote {
                // A backslash before the closing quote only ends the quote too early for this scan: it is stricter, not laxer.
                if byte == open { quote = nil }
            } else if !inComment {
                takePlain(byte)
            }
        }

        private mutating func takePlain(_ byte: UInt8) {
            let startsToken = " \t\n[]{},:".utf8.contains(previous)
            switch byte {
            case UInt8(ascii: "#") where startsToken: inComment = true
            case UInt8(ascii: "\""), UInt8(ascii: "'"):
                if startsToken { quote = byte }
            case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
            case UInt8(ascii: "]"), UInt8(ascii: "}"): depth = max(0, depth - 1)
            case UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":"):
                if startsToken { indicators += 1 }
            case UInt8(ascii: "&"), UInt8(ascii: "*"):
                if startsToken {
                    problem = Problem(line: line, message: "anchors and aliases (& and *) are not allowed")
                }
            default: break
            }
            if depth + indicators > maximumDepth {
                problem = Problem(line: line, message: "lists and mappings nest too deep")
            }
        }
    }
}
