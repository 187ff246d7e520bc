/// What a message on the wire is about, by the name that counters and reports use.
///
/// A message between nodes is known by its number in `PeerFrame` (`peer.proto`), a client's by its code (`MessageCode`).
public struct WireKind: Hashable, Sendable {
    /// Up to 127 kinds; peer messages by their field number, client messages from ``clientBase`` up by their code.
    let index: UInt8

    static let count = 128
    static let clientBase: UInt8 = 72

    init(index: UInt8) { self.index = index }

    static func peer(_ field: UInt64) -> WireKind? {
        guard let field = UInt8(exactly: field), field < clientBase, isKnown[Int(field)] else { return nil }
        return WireKind(index: field)
    }

    static func client(_ code: UInt8) -> WireKind? {
        guard code < 40, isKnown[Int(clientBase + code)] else { return nil }
        return WireKind(index: clientBase + code)
    }

    public var name: String { Self.names[index] ?? "unknown" }

    /// What the kind serves.
    public var group: String { Self.group(of: index) }

    static let hello = WireKind(index: 1)
    static let replicate = WireKind(index: 2)
    static let replicated = WireKind(index: 3)
    static let forwardPut = WireKind(index: 7)
    static let forwarded = WireKind(index: 8)
    static let handoff = WireKind(index: 9)
    static let handedOff = WireKind(index: 10)
    static let repair = WireKind(index: 14)

    private static func group(of index: UInt8) -> String {
        switch index {
        case 2...5: "replication"
        case 6...8: "forwarding"
        case 9, 10, 22, 23: "handoff"
        case 11...14, 50, 51: "exchange"
        case 40, 41: "listing"
        case ..<clientBase: "gossip"
        default: "client"
        }
    }

    /// By index: asked for every message.
    private static let isKnown = (0..<UInt8(count)).map { names[$0] != nil }

    private static let names: [UInt8: String] = {
        var names: [UInt8: String] = [
            1: "hello", 2: "replicate", 3: "replicated", 4: "fetch", 5: "fetched", 6: "forward-get", 7: "forward-put",
            8: "forwarded", 9: "handoff", 10: "handed-off", 11: "tree-hashes", 12: "tree-differs", 13: "leaf-keys",
            14: "repair", 15: "ping", 16: "pong", 17: "buckets", 20: "gossip", 21: "membership", 22: "offer",
            23: "offered", 30: "reap-check", 31: "reap-clear", 32: "reap-confirm", 33: "reap-confirmed", 34: "reap",
            35: "flush", 36: "flushed", 40: "list", 41: "listed", 50: "tree-roots", 51: "roots-compared",
        ]
        let client: [UInt8: String] = [
            0: "error", 1: "client-ping", 2: "client-pong", 9: "get", 10: "get-answer", 11: "put", 12: "put-answer",
            13: "delete", 14: "delete-answer",
        ]
        for code in [UInt8](0...34) where code <= 22 || code >= 29 {
            names[clientBase + code] = client[code] ?? "client-\(code)"
        }
        return names
    }()
}
