/// Text as the content or as a quoted attribute of HTML and SVG.
enum Markup {
    /// Nothing of what `text` holds can be read as markup, inside an element or inside quotes of either kind.
    static func escape(_ text: String) -> String {
        var result = ""
        for scalar in Visible.text(text).unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            case "'": result += "&#39;"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
