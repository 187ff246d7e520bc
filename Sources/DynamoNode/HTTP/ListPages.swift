import Foundation
import NIOHTTP1

/// Riak's HTTP interface to lists of keys and of buckets: `true` gives one object of JSON, `stream` one for each piece.
/// Both are sent as they are made.
struct ListPages {
    private let service: ClientService
    private let request: HTTPRequest
    private let place: BucketPlace
    private let answer: (HTTPReply) -> Void

    init(
        _ service: ClientService, _ request: HTTPRequest, _ place: BucketPlace, _ answer: @escaping (HTTPReply) -> Void
    ) {
        self.service = service
        self.request = request
        self.place = place
        self.answer = answer
    }

    func keys() {
        serve("keys") { (timeout) throws(ClientFailure) in
            try service.listKeys(bucket: Data(place.bucket), type: Data(place.type), timeout: timeout)
        }
    }

    func buckets() {
        serve("buckets") { (timeout) throws(ClientFailure) in
            try service.listBuckets(type: Data(place.type), timeout: timeout)
        }
    }

    /// The first page comes before the status is sent: what fails at once is told with a status of its own.
    private func serve(_ what: StaticString, _ begin: (UInt32) throws(ClientFailure) -> NameListing) {
        do {
            let form = request.target.text("\(what)")
            guard form == "true" || form == "stream" else {
                throw HTTPRefusal(.badRequest, "\(what)=true or \(what)=stream is expected: to list is expensive\n")
            }
            let listing = try begin(try ObjectQuery(request.target).timeout() ?? 0)
            listing.next { [answer, place] result in
                switch result {
                case .failure(let failure): answer(.page(HTTPPage(failure, in: place)))
                case .success(let first):
                    let pieces = NamePieces(listing, what, first: first, streamed: form == "stream")
                    answer(.pieces(["Content-Type": "application/json"], pieces))
                }
            }
        } catch let refusal as HTTPRefusal {
            answer(.page(refusal.page))
        } catch let failure as ClientFailure {
            answer(.page(HTTPPage(failure, in: place)))
        } catch {
            answer(.page(HTTPPage(.internalServerError, text: "\(error)\n")))
        }
    }
}

/// A listing as JSON, piece by piece.
private final class NamePieces: HTTPPieces {
    private let listing: NameListing
    private let what: StaticString
    private let streamed: Bool
    private var first: [[UInt8]]??
    private var isBegun = false
    private var isOver = false

    /// - Parameter first: the first page, which has been asked for.
    init(_ listing: NameListing, _ what: StaticString, first: [[UInt8]]?, streamed: Bool) {
        self.listing = listing
        self.what = what
        self.first = .some(first)
        self.streamed = streamed
    }

    func next(_ done: @escaping (Result<[UInt8]?, any Error>) -> Void) {
        if isOver { return done(.success(nil)) }
        if let first {
            self.first = nil
            return done(.success(piece(first)))
        }
        listing.next { [self] result in
            switch result {
            case .failure(let failure): done(.failure(failure))
            case .success(let names): done(.success(piece(names)))
            }
        }
    }

    /// - Parameter names: nil at the end.
    private func piece(_ names: [[UInt8]]?) -> [UInt8] {
        var line = JSONLine()
        isOver = names == nil
        if streamed || !isBegun {
            line.raw("{\"")
            line.raw(what)
            line.raw("\":[")
        } else if names != nil {
            line.raw(",")
        }
        for (index, name) in (names ?? []).enumerated() {
            if index > 0 { line.raw(",") }
            line.string(JSONText.utf8(name))
        }
        if streamed || names == nil { line.raw("]}") }
        isBegun = true
        return line.bytes
    }
}
