import Foundation
import NIOHTTP1

/// What of Riak's HTTP interface a target names.
///
/// `/buckets/B/…` names buckets of the default type, `/types/T/buckets/B/…` those of a type, and `/riak/B…` is the old
/// form, in which a query says what is asked.
enum RiakRoute: Hashable {
    case resources
    case ping
    case stats
    /// The buckets of a type.
    case buckets(type: [UInt8])
    case typeProperties(type: [UInt8])
    case properties(BucketPlace)
    /// The old form of properties, and of what else is done to a bucket.
    case oldBucket(BucketPlace)
    case keys(BucketPlace)
    case object(BucketPlace, key: [UInt8])
    case preferenceList(BucketPlace, key: [UInt8])

    init?(_ target: HTTPTarget) {
        var rest = target.segments[...]
        func word() -> String? { rest.popFirst().flatMap { String(validating: $0, as: UTF8.self) } }
        switch word() {
        case nil: self = .resources
        case "ping" where rest.isEmpty: self = .ping
        case "stats" where rest.isEmpty: self = .stats
        case "buckets": self.init(BucketPlace.Form.buckets, type: [], rest)
        case "types":
            guard let type = rest.popFirst() else { return nil }
            switch word() {
            case "buckets": self.init(.types, type: type, rest)
            case "props" where rest.isEmpty: self = .typeProperties(type: type)
            default: return nil
            }
        case "riak": self.init(old: rest, target)
        default: return nil
        }
    }

    private init?(_ form: BucketPlace.Form, type: [UInt8], _ segments: ArraySlice<[UInt8]>) {
        var rest = segments
        guard let bucket = rest.popFirst() else {
            self = .buckets(type: type)
            return
        }
        let place = BucketPlace(form: form, type: type, bucket: bucket)
        switch (rest.popFirst().map { String(decoding: $0, as: UTF8.self) }, rest.count) {
        case ("keys", 0): self = .keys(place)
        case ("keys", 1): self = .object(place, key: rest.first ?? [])
        case ("keys", 2) where rest.last == Array("preflist".utf8):
            self = .preferenceList(place, key: rest.first ?? [])
        case ("props", 0): self = .properties(place)
        default: return nil
        }
    }

    private init?(old segments: ArraySlice<[UInt8]>, _ target: HTTPTarget) {
        guard let bucket = segments.first else {
            self = .buckets(type: [])
            return
        }
        let place = BucketPlace(form: .old, type: [], bucket: bucket)
        switch segments.count {
        case 1: self = target["keys"] == nil || target.text("keys") == "false" ? .oldBucket(place) : .keys(place)
        case 2: self = .object(place, key: segments.last ?? [])
        default: return nil
        }
    }

    var methods: [HTTPMethod] {
        switch self {
        case .resources, .ping, .stats, .buckets, .preferenceList: [.GET, .HEAD]
        case .typeProperties: [.GET, .HEAD, .PUT]
        case .properties: [.GET, .HEAD, .PUT, .DELETE]
        case .oldBucket: [.GET, .HEAD, .PUT, .POST]
        case .keys: [.GET, .HEAD, .POST]
        case .object: [.GET, .HEAD, .PUT, .POST, .DELETE]
        }
    }

    func allows(_ method: HTTPMethod) -> Bool { methods.contains(method) }
}

/// A bucket, and the form in which the client named it, to be kept to in links.
struct BucketPlace: Hashable {
    enum Form {
        case buckets, types, old
    }

    var form: Form
    var type: [UInt8]
    var bucket: [UInt8]

    /// The bucket's own path.
    var path: String {
        let bucket = PercentCoding.encode(bucket)
        return switch form {
        case .buckets: "/buckets/\(bucket)"
        case .types: "/types/\(PercentCoding.encode(type))/buckets/\(bucket)"
        case .old: "/riak/\(bucket)"
        }
    }

    func path(key: [UInt8]) -> String {
        let key = PercentCoding.encode(key)
        return form == .old ? "\(path)/\(key)" : "\(path)/keys/\(key)"
    }
}
