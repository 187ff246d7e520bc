import NIOHTTP1

/// The preconditions of a request (RFC 9110, section 13), checked in its order of precedence.
struct ObjectConditions {
    /// What a condition is checked against; nil where there is no object.
    struct State {
        var tag: String
        /// Seconds since 1970.
        var lastModified: Int64
    }

    enum Outcome {
        case holds
        /// 304.
        case notModified
        /// 412.
        case failed
    }

    private enum Tags {
        case any
        case of([String])

        init?(_ values: [String]) {
            let all = values.flatMap { $0.split(separator: ",") }.map { $0.trimmingPrefix(while: \.isWhitespace) }
            if all.isEmpty { return nil }
            if all.contains(where: { $0 == "*" }) {
                self = .any
            } else {
                self = .of(all.map { Self.bare($0) })
            }
        }

        func match(_ state: State?) -> Bool {
            guard let state else { return false }
            switch self {
            case .any: return true
            case .of(let tags): return tags.contains(state.tag)
            }
        }

        /// Without `W/`, quotes and spaces.
        private static func bare(_ tag: Substring) -> String {
            let strong = tag.hasPrefix("W/") ? tag.dropFirst(2) : tag
            return String(strong.filter { $0 != "\"" && !$0.isWhitespace })
        }
    }

    private let match: Tags?
    private let noneMatch: Tags?
    private let modifiedSince: Int64?
    private let unmodifiedSince: Int64?

    init(_ headers: HTTPHeaders) {
        match = Tags(headers["If-Match"])
        noneMatch = Tags(headers["If-None-Match"])
        modifiedSince = headers.first(name: "If-Modified-Since").flatMap(HTTPDate.seconds)
        unmodifiedSince = headers.first(name: "If-Unmodified-Since").flatMap(HTTPDate.seconds)
    }

    /// Whether the object must be read before a write.
    var needsState: Bool { match != nil || noneMatch != nil || unmodifiedSince != nil }

    /// `If-None-Match: *` alone, which a put checks by itself.
    var isOnlyAbsence: Bool {
        if case .any = noneMatch { match == nil && unmodifiedSince == nil } else { false }
    }

    /// - Parameter reading: GET and HEAD, which may be answered with 304.
    func check(_ state: State?, reading: Bool) -> Outcome {
        if let match {
            if !match.match(state) { return .failed }
        } else if let unmodifiedSince, let state, state.lastModified > unmodifiedSince {
            return .failed
        }
        if let noneMatch {
            if noneMatch.match(state) { return reading ? .notModified : .failed }
        } else if reading, let modifiedSince, let state, state.lastModified <= modifiedSince {
            return .notModified
        }
        return .holds
    }
}
