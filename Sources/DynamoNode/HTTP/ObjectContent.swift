import Foundation
import NIOHTTP1
import RiakProtocol

/// An object's content and metadata as HTTP headers and a body, in both directions.
enum ObjectContent {
    private static let metaPrefix = "x-riak-meta-", indexPrefix = "x-riak-index-"

    /// The content of a put.
    static func read(_ request: HTTPRequest) throws(HTTPRefusal) -> RpbContent {
        guard let type = request.header("Content-Type") else {
            throw HTTPRefusal(.badRequest, "Missing Content-Type request header\n")
        }
        var content = RpbContent()
        content.value = Data(request.body)
        let (media, charset) = mediaType(type)
        content.contentType = Data(media.utf8)
        if let charset { content.charset = Data(charset.utf8) }
        if let encoding = request.header("Content-Encoding") { content.contentEncoding = Data(encoding.utf8) }
        for (name, value) in request.head.headers {
            let lowered = name.lowercased()
            if lowered.hasPrefix(metaPrefix) {
                content.usermeta.append(pair(name.dropFirst(metaPrefix.count), value))
            } else if lowered.hasPrefix(indexPrefix) {
                for entry in value.split(separator: ",") {
                    let entry = String(entry).trimmingCharacters(in: .whitespaces)
                    content.indexes.append(pair(lowered.dropFirst(indexPrefix.count), entry))
                }
            }
        }
        let links = request.head.headers["Link"].flatMap { $0.split(separator: ",") }
        guard links.allSatisfy({ $0.contains("rel=\"up\"") }) else {
            throw HTTPRefusal(.badRequest, "links are not supported\n")
        }
        return content
    }

    /// The headers that tell of one version, but for its tag and its time.
    static func headers(of content: RpbContent, in place: BucketPlace) -> [(String, String)] {
        var headers: [(String, String)] = []
        for pair in content.usermeta {
            headers.append(("X-Riak-Meta-\(HeaderText.name(pair.key))", HeaderText.value(pair.value)))
        }
        var fields: [Data] = []
        for pair in content.indexes where !fields.contains(pair.key) { fields.append(pair.key) }
        for field in fields {
            let values = content.indexes.filter { $0.key == field }.map { HeaderText.value($0.value) }
            headers.append(("x-riak-index-\(HeaderText.name(field))", values.joined(separator: ", ")))
        }
        headers.append(("Link", "<\(place.path)>; rel=\"up\""))
        var type = content.contentType.isEmpty ? "application/octet-stream" : HeaderText.value(content.contentType)
        if !content.charset.isEmpty { type += "; charset=\(HeaderText.value(content.charset))" }
        headers.append(("Content-Type", type))
        if !content.contentEncoding.isEmpty {
            headers.append(("Content-Encoding", HeaderText.value(content.contentEncoding)))
        }
        return headers
    }

    /// A media type without its `charset` parameter, and that.
    private static func mediaType(_ text: String) -> (media: String, charset: String?) {
        let parts = text.split(separator: ";").map { $0.trimmingCharacters(in: .whitespaces) }
        let isCharset = { (part: String) in part.lowercased().hasPrefix("charset=") }
        let charset = parts.first(where: isCharset)?.dropFirst("charset=".count)
        let media = parts.filter { !isCharset($0) }.joined(separator: "; ")
        return (media, charset.map { $0.trimmingCharacters(in: CharacterSet(charactersIn: "\"")) })
    }

    private static func pair(_ key: some StringProtocol, _ value: String) -> RpbPair {
        var pair = RpbPair()
        pair.key = Data(key.utf8)
        pair.value = Data(value.utf8)
        return pair
    }
}

/// Bytes that clients chose, made fit for a header: what has no place there is percent-encoded, so that no value can
/// end its line.
enum HeaderText {
    static func value(_ bytes: Data) -> String {
        guard let text = String(validating: bytes, as: UTF8.self), bytes.allSatisfy({ $0 >= 0x20 && $0 != 0x7F })
        else { return PercentCoding.encode([UInt8](bytes)) { (0x20..<0x7F).contains($0) && $0 != 0x25 } }
        return text
    }

    static func name(_ bytes: Data) -> String { PercentCoding.encode([UInt8](bytes), keeping: isToken) }

    /// The characters of a header's name (RFC 9110, section 5.6.2).
    private static func isToken(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
