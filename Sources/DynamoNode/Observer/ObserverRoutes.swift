import Dynamo
import NIOHTTP1

/// The paths that are not Riak's: metrics, and what a checker must see of a replica.
struct ObserverRoutes {
    let replica: ReplicaLoop

    /// Nil when the path is none of them.
    func reply(to request: HTTPRequest) throws -> HTTPReply? {
        let target = request.target
        guard target.path == "/metrics" || target.path.hasPrefix("/observe/") else { return nil }
        guard request.head.method == .GET || request.head.method == .HEAD else {
            return .page(HTTPPage(.methodNotAllowed, ["Allow": "GET, HEAD"], body: Array("only GET is served\n".utf8)))
        }
        let pages = ObserverPages(replica: replica)
        switch target.path {
        case "/metrics": return .page(HTTPPage(.ok, type: "text/plain; version=0.0.4", try pages.metrics()))
        case "/observe/hints": return .page(HTTPPage(.ok, type: "application/json", try pages.hints()))
        case "/observe/roots": return .pieces(["Content-Type": Self.lines], RootPieces(replica: replica))
        case "/observe/clock": return .page(HTTPPage(.ok, type: "application/json", pages.clock()))
        case "/observe/ring": return ring(target, pages)
        case "/observe/replicas": return try replicas(target)
        default: return .page(.notFound)
        }
    }

    private static let lines = "application/x-ndjson"

    /// The whole ring, or what of it concerns one key.
    private func ring(_ target: HTTPTarget, _ pages: ObserverPages) -> HTTPReply {
        switch (target["bucket"], target["key"]) {
        case (let bucket?, let key?):
            .page(HTTPPage(.ok, type: "application/json", pages.ring(of: Key(bucket: bucket, name: key))))
        case (nil, nil): .page(HTTPPage(.ok, type: "application/json", pages.ring()))
        default: .page(Self.incomplete)
        }
    }

    private func replicas(_ target: HTTPTarget) throws -> HTTPReply {
        let listing = ReplicaListing(replica: replica)
        switch (target["bucket"], target["key"]) {
        case (let bucket?, let key?):
            let lines = try listing.lines(of: Key(bucket: bucket, name: key))
            return .page(HTTPPage(.ok, type: Self.lines, lines))
        case (nil, nil): return .pieces(["Content-Type": Self.lines], ReplicaPieces(listing: listing))
        default: return .page(Self.incomplete)
        }
    }

    private static let incomplete = HTTPPage(.badRequest, text: "bucket and key go together\n")
}

/// Every line of a listing, page by page.
private final class ReplicaPieces: HTTPPieces {
    private var listing: ReplicaListing

    init(listing: ReplicaListing) { self.listing = listing }

    func next(_ done: @escaping (Result<[UInt8]?, any Error>) -> Void) {
        // An empty page is not the end; an empty chunk would be.
        done(
            Result {
                var page = try listing.nextPage()
                while page?.isEmpty == true { page = try listing.nextPage() }
                return page
            })
    }
}
