import Dynamo
import NIOCore
import NIOHTTP1

/// The HTTP port: Riak's HTTP interface, and beside it what operators and observers read.
final class HTTPService {
    /// The longest request body, in bytes; a longer one is answered with 413. The same as the longest frame of the
    /// protocol buffers port.
    static let longestBody = 16 << 20

    /// Bounds on a request's head; a longer one is answered with 431, or 400 where it cannot be told what it is.
    static let headLimits: NIOHTTPDecoderLimitConfiguration = {
        var limits = NIOHTTPDecoderLimitConfiguration()
        limits.maxHeaderFieldSize = 16 << 10
        limits.maxHeaderListSize = 64 << 10
        limits.maxHeaderFieldCount = 256
        return limits
    }()

    let service: ClientService

    init(service: ClientService) { self.service = service }

    /// Answers a request; `answer` is called once, now or later.
    func answer(_ head: HTTPRequestHead, body: [UInt8], _ answer: @escaping (HTTPReply) -> Void) {
        do {
            let target = try HTTPTarget(head.uri)
            let request = HTTPRequest(head: head, target: target, body: body)
            if let reply = try ObserverRoutes(replica: service.replica).reply(to: request) { return answer(reply) }
            if AdminRoutes(replica: service.replica).answer(request, answer) { return }
            guard let route = RiakRoute(target) else { return answer(.page(.notFound)) }
            guard route.allows(head.method) else {
                let allowed = route.methods.map(\.rawValue).joined(separator: ", ")
                return answer(.page(HTTPPage(.methodNotAllowed, ["Allow": allowed], body: [])))
            }
            serve(request, route, answer)
        } catch is HTTPTarget.Malformed {
            answer(
                .page(HTTPPage(.badRequest, text: "a '%' in the target is not followed by two hexadecimal digits\n")))
        } catch {
            service.replica.metrics.storeErrors += 1
            answer(.page(HTTPPage(.internalServerError, text: "\(error)\n")))
        }
    }

    /// A listing could not be ended.
    func listingEnded(_ error: any Error) {
        service.replica.log.warning("listing ended", metadata: ["reason": "\(error)"])
    }

    private func serve(_ request: HTTPRequest, _ route: RiakRoute, _ answer: @escaping (HTTPReply) -> Void) {
        switch route {
        case .object(let place, let key): ObjectPages(service, request, place, answer).serve(key: key)
        case .keys(let place) where request.head.method == .POST,
            .oldBucket(let place) where request.head.method == .POST:
            ObjectPages(service, request, place, answer).create()
        case .properties(let place), .oldBucket(let place): PropertyPages(service, request, place, answer).serveBucket()
        case .typeProperties(let type):
            PropertyPages(service, request, BucketPlace(form: .types, type: type, bucket: []), answer).serveType()
        case .preferenceList(let place, let key): answer(.page(PreferenceListPage.page(service, place, key)))
        case .stats: answer(.page(StatsPage.page(service)))
        case .ping: answer(.page(HTTPPage(.ok, type: "text/html", Array("OK".utf8))))
        case .resources: answer(.page(ResourcesPage.page))
        case .keys(let place): ListPages(service, request, place, answer).keys()
        case .buckets(let type):
            ListPages(service, request, BucketPlace(form: .types, type: type, bucket: []), answer).buckets()
        }
    }
}

/// What the HTTP port serves, by Riak's names, as its clients ask at `/`.
enum ResourcesPage {
    private static let resources: [(String, String)] = [
        ("riak_kv_wm_bucket_type", "/types"), ("riak_kv_wm_buckets", "/buckets"), ("riak_kv_wm_keylist", "/buckets"),
        ("riak_kv_wm_object", "/buckets"), ("riak_kv_wm_ping", "/ping"), ("riak_kv_wm_preflist", "/buckets"),
        ("riak_kv_wm_props", "/buckets"), ("riak_kv_wm_raw", "/riak"), ("riak_kv_wm_stats", "/stats"),
    ]

    static let page: HTTPPage = {
        var line = JSONLine()
        for (index, resource) in resources.enumerated() {
            line.raw(index == 0 ? "{" : ",")
            line.string(resource.0)
            line.raw(":")
            line.string(resource.1)
        }
        line.raw("}")
        return HTTPPage(.ok, type: "application/json", line.bytes)
    }()
}
