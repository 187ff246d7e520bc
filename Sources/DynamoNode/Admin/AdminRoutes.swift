import Dynamo
import NIOHTTP1

/// What an administrator asks at the HTTP port: changes of the membership, and how it stands.
///
///     POST /admin/join?name=n6&peer=127.0.0.6:8099&weight=2&zone=east
///     POST /admin/leave?name=n2
///     POST /admin/replace?old=n2&name=n6&peer=127.0.0.6:8099
///     GET  /admin/status
///
/// A change is answered once it is on this node's disk: 200, with all that a newcomer must know; or 409 and one
/// sentence that says why not.
struct AdminRoutes {
    let replica: ReplicaLoop

    /// Answers, now or later; false when the path is none of these.
    func answer(_ request: HTTPRequest, _ answer: @escaping (HTTPReply) -> Void) -> Bool {
        guard request.target.path.hasPrefix("/admin/") else { return false }
        let isStatus = request.target.path == "/admin/status"
        let methods: [HTTPMethod] = isStatus ? [.GET, .HEAD] : [.POST]
        guard methods.contains(request.head.method) else {
            let allowed = methods.map(\.rawValue).joined(separator: ", ")
            answer(.page(HTTPPage(.methodNotAllowed, ["Allow": allowed], body: [])))
            return true
        }
        if isStatus {
            answer(.page(HTTPPage(.ok, type: "application/json", StatusReport(replica).encoded())))
            return true
        }
        do throws(HTTPRefusal) {
            guard let change = try change(request.target) else { return false }
            replica.change(change) { answer(.page(Self.page($0))) }
        } catch {
            answer(.page(error.page))
        }
        return true
    }

    /// Nil when the path is no change.
    private func change(_ target: HTTPTarget) throws(HTTPRefusal) -> MembershipRequest? {
        switch target.path {
        case "/admin/join":
            let weight = target.text("weight") ?? "1"
            guard let weight = Int(weight) else { throw HTTPRefusal(.badRequest, "weight is not a number\n") }
            var member = try newcomer(target)
            member.weight = weight
            member.zone = target.text("zone") ?? ""
            return .join(member)
        case "/admin/leave": return .leave(try text("name", target))
        case "/admin/replace": return .replace(try text("old", target), by: try newcomer(target))
        default: return nil
        }
    }

    private func newcomer(_ target: HTTPTarget) throws(HTTPRefusal) -> Member {
        let name = try text("name", target)
        let address = try text("peer", target)
        guard (try? NodeArguments.name(name)) != nil else {
            throw HTTPRefusal(.badRequest, "name: expected 1 to 64 letters, digits, '-', '_', '.' or '@'\n")
        }
        guard let endpoint = Endpoint(address), endpoint.port > 0 else {
            throw HTTPRefusal(.badRequest, "peer: expected HOST:PORT where other nodes reach \(name)\n")
        }
        return Member(name: name, address: endpoint.description)
    }

    private func text(_ name: String, _ target: HTTPTarget) throws(HTTPRefusal) -> String {
        guard let text = target.text(name), !text.isEmpty else {
            throw HTTPRefusal(.badRequest, "\(name) is missing\n")
        }
        return text
    }

    private static func page(_ answer: MembershipAnswer) -> HTTPPage {
        switch answer {
        case .accepted(let state):
            guard let bytes = try? state.encoded() else {
                return HTTPPage(.internalServerError, text: "the membership is too large to be told\n")
            }
            return HTTPPage(.ok, type: "application/x-protobuf", bytes)
        case .refused(.storage(let reason)):
            return HTTPPage(.serviceUnavailable, text: "\(MembershipRefusal.storage(reason))\n")
        case .refused(let refusal): return HTTPPage(.conflict, text: "\(refusal)\n")
        }
    }
}
