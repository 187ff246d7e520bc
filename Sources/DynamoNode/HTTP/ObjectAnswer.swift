import Foundation
import NIOHTTP1
import RiakProtocol

/// The versions of a key as Riak's HTTP interface shows them: one as itself, several as a choice.
struct ObjectAnswer {
    private let place: BucketPlace
    private let contents: [RpbContent]
    private let vclock: Data

    init(_ place: BucketPlace, _ contents: [RpbContent], vclock: Data) {
        self.place = place
        self.contents = contents
        self.vclock = vclock
    }

    /// The version with a tag alone; nil when there is none.
    func only(tag: String) -> ObjectAnswer? {
        contents.first { $0.vtag == Data(tag.utf8) }.map { ObjectAnswer(place, [$0], vclock: vclock) }
    }

    /// What conditions are checked against.
    var state: ObjectConditions.State {
        ObjectConditions.State(
            tag: tag, lastModified: Int64(contents.map(\.lastMod).max() ?? 0))
    }

    var etag: String { "\"\(tag)\"" }

    /// One version's own tag; of several, one made from their context, which changes whenever they do.
    private var tag: String {
        contents.count == 1
            ? Self.text(contents[0].vtag) : String(decoding: VersionTag.of(bytes: [UInt8](vclock)), as: UTF8.self)
    }

    /// - Parameter multipart: of several versions their contents, and not only their tags.
    func page(multipart: Bool) -> HTTPPage {
        var headers = HTTPHeaders()
        headers.add(name: "X-Riak-Vclock", value: vclock.base64EncodedString())
        guard contents.count != 1 else {
            let content = contents[0]
            ObjectContent.headers(of: content, in: place).forEach { headers.add(name: $0.0, value: $0.1) }
            headers.add(name: "Last-Modified", value: HTTPDate.text(Int64(content.lastMod)))
            headers.add(name: "ETag", value: etag)
            return HTTPPage(.ok, headers, body: [UInt8](content.value))
        }
        headers.add(name: "Last-Modified", value: HTTPDate.text(state.lastModified))
        headers.add(name: "ETag", value: etag)
        let body: [UInt8]
        if multipart {
            let boundary = String(decoding: GeneratedKey.make(), as: UTF8.self)
            headers.add(name: "Content-Type", value: "multipart/mixed; boundary=\(boundary)")
            body = parts(boundary)
        } else {
            headers.add(name: "Content-Type", value: "text/plain")
            body = Array(("Siblings:\n" + contents.map { Self.text($0.vtag) + "\n" }.joined()).utf8)
        }
        return HTTPPage(.multipleChoices, headers, body: body)
    }

    private func parts(_ boundary: String) -> [UInt8] {
        var body: [UInt8] = []
        for content in contents {
            var lines = ["", "--\(boundary)"]
            lines += ObjectContent.headers(of: content, in: place).map { "\($0.0): \($0.1)" }
            lines.append("Etag: \(Self.text(content.vtag))")
            lines.append("Last-Modified: \(HTTPDate.text(Int64(content.lastMod)))")
            if content.deleted { lines.append("X-Riak-Deleted: true") }
            body += Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8)
            body += content.value
        }
        return body + Array("\r\n--\(boundary)--\r\n".utf8)
    }

    private static func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }
}
