/// Text of unknown origin, made harmless to look at: every character that would act on a terminal, a page or the reading
/// direction, rather than show itself, is spelled out.
public enum Visible {
    /// `text` with control, direction-changing and non-characters written as `\u{1b}`.
    public static func text(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isHidden) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            if isHidden(scalar) {
                result += "\\u{\(String(scalar.value, radix: 16))}"
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    /// At most `length` characters of `text`, the cut shown by an ellipsis.
    static func short(_ text: String, _ length: Int) -> String {
        text.count <= length ? text : text.prefix(max(1, length - 1)) + "…"
    }

    private static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0...0x1f, 0x7f...0x9f: true
        // Line and paragraph separators, and the marks that change the direction in which a line reads.
        case 0x200e, 0x200f, 0x2028...0x202e, 0x2066...0x2069, 0xfeff: true
        case 0xfffe, 0xffff: true
        default: false
        }
    }
}
