import Causality
import Dynamo

/// What this node stores, a line of JSON for each place: every object, then every hint, page by page.
///
/// A key that changes while the listing goes on is shown as it was or as it is.
struct ReplicaListing {
    private enum Position {
        case objects(after: Key?)
        case hints(homes: [String], after: Key?)
        case end
    }

    private static let pageSize = 256

    private let replica: ReplicaLoop
    private var position = Position.objects(after: nil)

    init(replica: ReplicaLoop) { self.replica = replica }

    /// The next lines; nil when there are no more.
    mutating func nextPage() throws -> [UInt8]? {
        switch position {
        case .objects(let key):
            let page = try replica.store.objects(after: key, limit: Self.pageSize)
            if let next = page.next {
                position = .objects(after: next)
            } else {
                position = .hints(homes: try replica.store.hintCounts().keys.sorted(), after: nil)
            }
            return page.objects.flatMap { line(key: $0.0, $0.1) }
        case .hints(let homes, let key):
            guard let home = homes.first else {
                position = .end
                return nil
            }
            let hints = try replica.store.hints(home: home, after: key, limit: Self.pageSize)
            if hints.count < Self.pageSize {
                position = .hints(homes: Array(homes.dropFirst()), after: nil)
            } else {
                position = .hints(homes: homes, after: hints.last?.key)
            }
            return hints.flatMap { line(key: $0.key, $0.siblings, hintFor: $0.home) }
        case .end: return nil
        }
    }

    /// The lines of one key.
    func lines(of key: Key) throws -> [UInt8] {
        var lines: [UInt8] = []
        if let siblings = try replica.store.object(key) { lines += line(key: key, siblings) }
        for hint in try replica.store.hints(key) { lines += line(key: key, hint.siblings, hintFor: hint.home) }
        return lines
    }

    private func line(key: Key, _ siblings: Siblings, hintFor home: String? = nil) -> [UInt8] {
        var line = JSONLine()
        line.raw("{")
        line.member(text: "bucket", base64: "bucket_base64", key.bucket)
        line.raw(",")
        line.member(text: "key", base64: "key_base64", key.name)
        if let home {
            line.raw(",\"home\":false,\"hint_for\":")
            line.string(home)
        } else if replica.isHome(key) {
            line.raw(",\"home\":true,\"range\":")
            line.string(RangeName.of(replica.partition(of: key)))
        } else {
            line.raw(",\"home\":false")
        }
        line.raw(",\"versions\":[")
        for (index, version) in siblings.versions.enumerated() {
            if index > 0 { line.raw(",") }
            Self.append(version, to: &line)
        }
        line.raw("]}\n")
        return line.bytes
    }

    private static func append(_ version: Siblings.Version, to line: inout JSONLine) {
        line.raw("{")
        line.member(text: "value", base64: "base64", version.payload.value)
        line.raw(",\"dot\":[")
        line.string(version.dot.actor.description)
        line.raw(",")
        line.number(version.dot.counter)
        line.raw("],\"clock\":{")
        for (index, entry) in version.past.entries.enumerated() {
            if index > 0 { line.raw(",") }
            line.string(entry.actor.description)
            line.raw(":")
            line.number(entry.counter)
        }
        line.raw(version.tombstone ? "},\"tombstone\":true}" : "},\"tombstone\":false}")
    }
}

/// The name of a ring partition's key range, as observers and histories have it.
enum RangeName {
    static func of(_ partition: Int) -> String { "p\(partition)" }
}
