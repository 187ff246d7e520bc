/// Turns the first line of the interchange form into a header.
struct JSONHeaderReader {
    private enum Member: Int, CaseIterable {
        case dyno, name, nodes, n, r, w, within
    }
    private static let names = ["dyno", "name", "nodes", "n", "r", "w", "converge_within_ns"]

    /// Reads the object that `cursor` stands at. Throws when it is no header, or one of an unknown version.
    static func read(_ cursor: inout JSONCursor) throws(JSONFault) -> Header {
        var members = JSONMembers(names)
        try members.read(&cursor)
        let text = JSONText(bytes: cursor.bytes)
        guard let dyno = members.take(Member.dyno.rawValue, text) else {
            throw JSONFault(reason: "no header: the first line must have \"dyno\":1")
        }
        var header = Header()
        header.version = try text.integer(dyno, "dyno")
        if let name = members.take(Member.name.rawValue, text) { header.name = try string(name, "name", text) }
        if let nodes = members.take(Member.nodes.rawValue, text) { header.nodes = try strings(nodes, text) }
        if let n = members.take(Member.n.rawValue, text) { header.n = try text.integer(n, "n") }
        if let r = members.take(Member.r.rawValue, text) { header.r = try text.integer(r, "r") }
        if let w = members.take(Member.w.rawValue, text) { header.w = try text.integer(w, "w") }
        if let within = members.take(Member.within.rawValue, text) {
            header.convergeWithin = try text.integer(within, "converge_within_ns")
        }
        members.keepRest(names, text)
        header.extras = members.extras
        return header
    }

    private static func string(_ span: JSONSpan, _ name: StaticString, _ text: JSONText) throws(JSONFault) -> String {
        let inner = try text.string(span, name)
        return inner.escaped ? String(decoding: try text.unescaped(inner), as: UTF8.self) : text.raw(inner)
    }

    private static func strings(_ span: JSONSpan, _ text: JSONText) throws(JSONFault) -> [String] {
        var result: [String] = []
        var cursor = JSONCursor(text.bytes, span.range)
        try cursor.forEachElement("nodes") { (element) throws(JSONFault) in
            result.append(try string(element, "each of nodes", text))
        }
        return result
    }
}
