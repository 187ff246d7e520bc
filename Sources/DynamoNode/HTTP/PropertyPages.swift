import Dynamo
import Foundation
import NIOHTTP1
import RiakProtocol

/// Riak's HTTP interface to the properties of buckets and bucket types.
struct PropertyPages {
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

    /// GET, PUT and DELETE of a bucket's properties.
    func serveBucket() {
        answering { () throws(ClientFailure) in
            let bucket = try service.bucket(Data(place.bucket), type: Data(place.type))
            switch request.head.method {
            case .PUT: try change(bucket)
            case .DELETE: service.set(bucket, BucketProperties(), answer: done)
            default: give(bucket)
            }
        }
    }

    /// GET and PUT of a type's properties; PUT makes the type when there is none of that name.
    func serveType() {
        answering { () throws(ClientFailure) in
            let type = try ClientService.type(Data(place.type))
            if request.head.method == .PUT { return try change(type) }
            guard service.replica.hasType(type) else { throw .noType }
            give(type)
        }
    }

    private func give(_ bucket: BucketName) {
        let json = PropertyJSON.text(service.properties(bucket), name: bucket.name)
        answer(.page(HTTPPage(.ok, type: "application/json", json)))
    }

    private func change(_ bucket: BucketName) throws(ClientFailure) {
        let (props, confirms) = try PropertyJSON.read(request.body)
        try service.change(bucket, props, nodeConfirms: confirms, answer: done)
    }

    private func done(_ result: Result<Void, ClientFailure>) {
        switch result {
        case .success: answer(.page(HTTPPage(.noContent, ["Content-Type": "application/json"])))
        case .failure(let failure): answer(.page(HTTPPage(failure, in: place)))
        }
    }

    private func answering(_ body: () throws(ClientFailure) -> Void) {
        do throws(ClientFailure) {
            if service.isClosing { throw ClientFailure.shuttingDown }
            try body()
        } catch {
            answer(.page(HTTPPage(error, in: place)))
        }
    }
}

/// Properties as the JSON of Riak's HTTP interface: `{"props":{…}}`.
enum PropertyJSON {
    /// - Parameter name: empty for a type, which has none.
    static func text(_ properties: EffectiveProperties, name: [UInt8]) -> [UInt8] {
        var props = Members()
        props.add("allow_mult", properties.allowMultiple)
        props.add("basic_quorum", properties.basicQuorum)
        props.add("big_vclock", EffectiveProperties.ClockLimits.big)
        props.add("chash_keyfun", raw: #"{"mod":"riak_core_util","fun":"chash_std_keyfun"}"#)
        props.add("dvv_enabled", true)
        props.add("dw", quorum: properties.dw)
        props.add("last_write_wins", properties.lastWriteWins)
        props.add("linkfun", raw: #"{"mod":"riak_kv_wm_link_walker","fun":"mapreduce_linkfun"}"#)
        props.add("n_val", UInt32(clamping: properties.n))
        if !name.isEmpty { props.add("name", text: name) }
        props.add("node_confirms", quorum: properties.nodeConfirms)
        props.add("notfound_ok", properties.notfoundOK)
        props.add("old_vclock", EffectiveProperties.ClockLimits.old)
        props.add("postcommit", raw: "[]")
        props.add("pr", quorum: properties.pr)
        props.add("precommit", raw: "[]")
        props.add("pw", quorum: properties.pw)
        props.add("r", quorum: properties.r)
        props.add("rw", quorum: properties.rw)
        props.add("small_vclock", EffectiveProperties.ClockLimits.small)
        props.add("sync_on_write", raw: #""all""#)
        props.add("w", quorum: properties.w)
        props.add("write_once", false)
        props.add("young_vclock", EffectiveProperties.ClockLimits.young)
        return Array("{\"props\":{".utf8) + props.bytes + Array("}}".utf8)
    }

    private struct Members {
        private(set) var bytes: [UInt8] = []

        mutating func add(_ name: String, raw: String) {
            if !bytes.isEmpty { bytes.append(UInt8(ascii: ",")) }
            bytes += Array("\"\(name)\":\(raw)".utf8)
        }

        mutating func add(_ name: String, _ value: Bool) { add(name, raw: "\(value)") }
        mutating func add(_ name: String, _ value: UInt32) { add(name, raw: "\(value)") }

        mutating func add(_ name: String, text: [UInt8]) {
            var line = JSONLine()
            line.string(JSONText.utf8(text))
            add(name, raw: String(decoding: line.bytes, as: UTF8.self))
        }

        mutating func add(_ name: String, quorum word: UInt32) {
            switch word {
            case QuorumWord.one: add(name, raw: #""one""#)
            case QuorumWord.quorum: add(name, raw: #""quorum""#)
            case QuorumWord.all: add(name, raw: #""all""#)
            default: add(name, word)
            }
        }
    }

    /// A change of properties; those that are not Riak's, and those that are only for show, are passed over.
    static func read(_ body: [UInt8]) throws(ClientFailure) -> (props: RpbBucketProps, nodeConfirms: Quorum?) {
        guard let members = try? JSONDecoder().decode(Body.self, from: Data(body)).props else {
            throw ClientFailure(text: "expected {\"props\":{…}}")
        }
        var props = RpbBucketProps()
        var confirms: Quorum?
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            switch name {
            case "n_val": props.nVal = try number(name, value)
            case "allow_mult": props.allowMult = try flag(name, value)
            case "last_write_wins": props.lastWriteWins = try flag(name, value)
            case "basic_quorum": props.basicQuorum = try flag(name, value)
            case "notfound_ok": props.notfoundOk = try flag(name, value)
            case "write_once": props.writeOnce = try flag(name, value)
            case "consistent": props.consistent = try flag(name, value)
            case "r": props.r = try quorum(name, value)
            case "w": props.w = try quorum(name, value)
            case "pr": props.pr = try quorum(name, value)
            case "pw": props.pw = try quorum(name, value)
            case "dw": props.dw = try quorum(name, value)
            case "rw": props.rw = try quorum(name, value)
            case "node_confirms": confirms = Quorum(word: try quorum(name, value))
            case "dvv_enabled":
                if try !flag(name, value) { throw .unsupported("dvv_enabled=false") }
            case "precommit", "postcommit":
                guard case .emptyList = value else { throw .unsupported("\(name) hooks") }
            case "datatype", "search_index", "backend": throw .unsupported(name)
            default: continue
            }
        }
        return (props, confirms)
    }

    private static func flag(_ name: String, _ value: Scalar) throws(ClientFailure) -> Bool {
        guard case .flag(let flag) = value else { throw ClientFailure(text: "\(name): expected true or false") }
        return flag
    }

    private static func number(_ name: String, _ value: Scalar) throws(ClientFailure) -> UInt32 {
        guard case .number(let number) = value else { throw ClientFailure(text: "\(name): expected a whole number") }
        return number
    }

    private static func quorum(_ name: String, _ value: Scalar) throws(ClientFailure) -> UInt32 {
        switch value {
        case .text(let text):
            if let word = QuorumText.word(text) { return word }
        case .number(let number) where number < QuorumWord.byDefault: return number
        default: break
        }
        throw ClientFailure(text: "\(name): expected a number, or one of: one, quorum, all, default")
    }
}

/// A value of a property, as far as properties go.
private enum Scalar: Decodable {
    case flag(Bool)
    case number(UInt32)
    case text(String)
    case emptyList
    case other

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let flag = try? container.decode(Bool.self) {
            self = .flag(flag)
        } else if let number = try? container.decode(UInt32.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else if let list = try? container.decode([Scalar].self), list.isEmpty {
            self = .emptyList
        } else {
            self = .other
        }
    }
}

private struct Body: Decodable {
    var props: [String: Scalar]
}

/// Names in JSON, which has no bytes: what is not UTF-8 is shown percent-encoded, as in a path.
enum JSONText {
    static func utf8(_ bytes: [UInt8]) -> [UInt8] {
        String(validating: bytes, as: UTF8.self) == nil ? Array(PercentCoding.encode(bytes).utf8) : bytes
    }
}
