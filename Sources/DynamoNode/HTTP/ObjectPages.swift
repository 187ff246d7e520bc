import Foundation
import NIOHTTP1
import RiakProtocol

/// Riak's HTTP interface to single objects.
struct ObjectPages {
    private let service: ClientService
    private let request: HTTPRequest
    private let place: BucketPlace
    private let answer: (HTTPReply) -> Void
    private let conditions: ObjectConditions

    init(
        _ service: ClientService, _ request: HTTPRequest, _ place: BucketPlace, _ answer: @escaping (HTTPReply) -> Void
    ) {
        self.service = service
        self.request = request
        self.place = place
        self.answer = answer
        conditions = ObjectConditions(request.head.headers)
    }

    /// GET, HEAD, PUT, POST and DELETE of a key.
    func serve(key: [UInt8]) {
        answering { () throws(HTTPRefusal) in
            switch request.head.method {
            case .GET, .HEAD: try get(key)
            case .DELETE: try delete(key)
            default: try put(key)
            }
        }
    }

    /// POST to a bucket: the key is made up.
    func create() {
        answering { () throws(HTTPRefusal) in try put(nil) }
    }

    // MARK: Reading

    private func get(_ key: [UInt8]) throws(HTTPRefusal) {
        service.get(try ObjectQuery(request.target).get(place, key)) { result in
            switch result {
            case .failure(let failure): give(HTTPPage(failure, in: place))
            case .success(let found): give(page(found))
            }
        }
    }

    private func page(_ found: RpbGetResp) -> HTTPPage {
        guard !found.content.isEmpty else {
            return conditions.check(nil, reading: true) == .failed ? .preconditionFailed : .missing(found)
        }
        let answer = ObjectAnswer(place, found.content, vclock: found.vclock)
        var shown = answer
        if found.content.count > 1, let tag = request.target.text("vtag") {
            guard let one = answer.only(tag: tag) else { return .noSuchVersion }
            shown = one
        }
        switch conditions.check(shown.state, reading: true) {
        case .failed: return .preconditionFailed
        case .notModified: return HTTPPage(.notModified, ["ETag": shown.etag])
        case .holds: return shown.page(multipart: request.accepts("multipart/mixed", before: "text/plain"))
        }
    }

    // MARK: Writing

    private func put(_ key: [UInt8]?) throws(HTTPRefusal) {
        var wire = try ObjectQuery(request.target).put(place, key)
        wire.content = try ObjectContent.read(request)
        wire.vclock = try request.vclock()
        wire.ifNoneMatch = conditions.isOnlyAbsence
        guard conditions.needsState, !conditions.isOnlyAbsence, let key else { return write(wire, key) }
        let put = wire
        checkingConditions(key) { write(put, key) }
    }

    private func write(_ wire: RpbPutReq, _ key: [UInt8]?) {
        service.put(wire) { result in
            switch result {
            case .failure(let failure): give(HTTPPage(failure, in: place))
            case .success(let response): give(written(wire, response, key))
            }
        }
    }

    private func written(_ wire: RpbPutReq, _ response: RpbPutResp, _ key: [UInt8]?) -> HTTPPage {
        var page: HTTPPage
        if wire.returnBody {
            page = ObjectAnswer(place, response.content, vclock: response.vclock).page(multipart: true)
        } else {
            let type = request.header("Content-Type") ?? "application/octet-stream"
            page = HTTPPage(.noContent, ["Content-Type": type])
        }
        if key == nil {
            if page.status == .ok || page.status == .noContent { page.status = .created }
            page.headers.add(name: "Location", value: place.path(key: [UInt8](response.key)))
            if page.body == nil { page.body = [] }
        }
        return page
    }

    // MARK: Deleting

    /// Unlike the protocol buffers interface this one says whether there was anything to delete, so it looks first.
    private func delete(_ key: [UInt8]) throws(HTTPRefusal) {
        var wire = try ObjectQuery(request.target).delete(place, key)
        let vclock = try request.vclock()
        if !vclock.isEmpty { wire.vclock = vclock }
        let delete = wire
        checkingConditions(key, missing: { give(.missing($0)) }) {
            service.delete(delete) { result in
                switch result {
                case .failure(let failure): give(HTTPPage(failure, in: place))
                case .success: give(HTTPPage(.noContent, ["Content-Type": "text/html"]))
                }
            }
        }
    }

    // MARK: Conditions

    /// Reads the object, and goes on if the request's conditions hold: as with Riak a read and then a write, not a
    /// compare-and-swap.
    ///
    /// - Parameter missing: does what is to be done when there is no object; nil: goes on.
    private func checkingConditions(
        _ key: [UInt8], missing: ((RpbGetResp) -> Void)? = nil, _ proceed: @escaping () -> Void
    ) {
        var wire = RpbGetReq()
        wire.bucket = Data(place.bucket)
        wire.type = Data(place.type)
        wire.key = Data(key)
        wire.deletedvclock = true
        wire.head = true
        service.get(wire) { result in
            switch result {
            case .failure(let failure): give(HTTPPage(failure, in: place))
            case .success(let found):
                let exists = !found.content.isEmpty
                let state = exists ? ObjectAnswer(place, found.content, vclock: found.vclock).state : nil
                if conditions.check(state, reading: false) != .holds { return give(.preconditionFailed) }
                if !exists, let missing { missing(found) } else { proceed() }
            }
        }
    }

    // MARK: -

    private func answering(_ body: () throws(HTTPRefusal) -> Void) {
        do {
            try body()
        } catch {
            give(error.page)
        }
    }

    private func give(_ page: HTTPPage) { answer(.page(page)) }
}

extension HTTPPage {
    /// Nothing, or nothing but tombstones: those have a context, for a client that wants to write again.
    fileprivate static func missing(_ found: RpbGetResp) -> HTTPPage {
        var page = HTTPPage.notFound
        if !found.vclock.isEmpty {
            page.headers.add(name: "X-Riak-Vclock", value: found.vclock.base64EncodedString())
            page.headers.add(name: "X-Riak-Deleted", value: "true")
        }
        return page
    }

    fileprivate static let noSuchVersion = HTTPPage(
        .objectNotFound, type: "text/html",
        Array(
            """
            <HTML><HEAD><TITLE>404 Not Found</TITLE></HEAD><BODY><H1>Not Found</H1>\
            The key has no version of that vtag.</BODY></HTML>
            """.utf8))

    fileprivate static let preconditionFailed = HTTPPage(
        .preconditionFailed, type: "text/html",
        Array(
            """
            <html><head><title>412 Precondition Failed</title></head><body><h1>Precondition Failed</h1></body></html>
            """.utf8))
}
