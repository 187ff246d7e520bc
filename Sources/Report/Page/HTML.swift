/// A piece of HTML. Text that is interpolated into one is escaped, always; only another piece goes in as it is.
///
/// So nothing that comes from a history can become markup by being forgotten: the type system would have to be told to.
struct HTML: ExpressibleByStringInterpolation, Sendable {
    private(set) var text: String

    init(stringLiteral value: String) { text = value }
    init(stringInterpolation: StringInterpolation) { text = stringInterpolation.text }
    /// Markup from a renderer of this module that has escaped what it was given.
    init(markup: String) { text = markup }

    struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text = ""

        init(literalCapacity: Int, interpolationCount: Int) { text.reserveCapacity(literalCapacity) }
        mutating func appendLiteral(_ literal: String) { text += literal }
        mutating func appendInterpolation(_ value: String) { text += Markup.escape(value) }
        mutating func appendInterpolation(_ value: Int) { text += String(value) }
        mutating func appendInterpolation(_ piece: HTML) { text += piece.text }
        mutating func appendInterpolation(_ pieces: [HTML]) { for piece in pieces { text += piece.text } }
    }

    static func + (a: HTML, b: HTML) -> HTML { HTML(markup: a.text + b.text) }
    static func += (a: inout HTML, b: HTML) { a.text += b.text }
}
