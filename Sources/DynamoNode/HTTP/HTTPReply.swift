import NIOHTTP1

/// A whole answer to an HTTP request.
struct HTTPPage {
    var status: HTTPResponseStatus
    var headers: HTTPHeaders
    /// Nil: none, as with 204 and 304; the answer then has no length either.
    var body: [UInt8]?

    init(_ status: HTTPResponseStatus, _ headers: HTTPHeaders = [:], body: [UInt8]? = nil) {
        self.status = status
        self.headers = headers
        self.body = body
    }

    init(_ status: HTTPResponseStatus, type: String, _ body: [UInt8]) {
        self.init(status, ["Content-Type": type], body: body)
    }

    init(_ status: HTTPResponseStatus, text: String) { self.init(status, type: "text/plain", Array(text.utf8)) }

    /// In Riak's words, of a key and of anything else.
    static let notFound = HTTPPage(.objectNotFound, text: "not found\n")
}

extension HTTPResponseStatus {
    /// 404 as Riak calls it.
    static let objectNotFound = HTTPResponseStatus.custom(code: 404, reasonPhrase: "Object Not Found")
}

/// An answer that is made as it goes out, one piece after the other.
///
/// The next piece is asked for when the last has left for the client: however long the answer and however slow the
/// client, the node holds one piece.
protocol HTTPPieces: AnyObject {
    /// Makes the next piece and calls `done` once with it, nil at the end, or with what went wrong: the connection then
    /// closes without the last chunk, so that half an answer does not look like a whole one.
    func next(_ done: @escaping (Result<[UInt8]?, any Error>) -> Void)
}

/// An answer to an HTTP request.
enum HTTPReply {
    case page(HTTPPage)
    /// The status is 200; the headers are the page's.
    case pieces(HTTPHeaders, any HTTPPieces)
}

/// A request with its body.
struct HTTPRequest {
    var head: HTTPRequestHead
    var target: HTTPTarget
    var body: [UInt8]

    func header(_ name: String) -> String? { head.headers.first(name: name) }
}
