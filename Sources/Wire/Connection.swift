/// The two ends of a TCP connection, the same for both directions.
struct ConnectionKey: Hashable {
    private let low: UInt64
    private let high: UInt64
    /// Whether the segment that the key was made of came from the end that sorts first.
    static func of(_ segment: TCPSegment) -> (key: ConnectionKey, fromLow: Bool) {
        let source = UInt64(segment.source) << 16 | UInt64(segment.sourcePort)
        let destination = UInt64(segment.destination) << 16 | UInt64(segment.destinationPort)
        return source < destination
            ? (ConnectionKey(low: source, high: destination), true)
            : (ConnectionKey(low: destination, high: source), false)
    }
}

/// A connection as one port sees it.
final class Connection {
    /// The sequence number of the synchronization that opened it; nil: it ran before the capture.
    let opening: UInt32?
    let low: Flow?
    let high: Flow?
    var lastSeen: Int64

    init(opening: UInt32?, low: Flow?, high: Flow?, at time: Int64) {
        self.opening = opening
        self.low = low
        self.high = high
        lastSeen = time
    }
}

/// One direction of a connection whose messages are read.
final class Flow {
    enum Role {
        /// Messages from node to node, by their places.
        case peer(from: Int, to: Int)
        /// Requests of a client, and the answers.
        case request(ClientDialogue)
        case answer(ClientDialogue)
    }

    let number: Int
    let role: Role
    var assembler = StreamAssembler()
    var scanner: FrameScanner
    /// When bytes came last, nanoseconds since the run began.
    var lastProgress = Int64.min

    init(number: Int, role: Role) {
        self.number = number
        self.role = role
        switch role {
        case .peer: scanner = FrameScanner(isWanted: Self.isWantedOfPeer, isBegin: PeerSighting.isBegin)
        case .request, .answer:
            scanner = FrameScanner(isWanted: Self.isWantedOfClient, isBegin: ClientSighting.isBegin)
        }
    }

    private static func isWantedOfPeer(_ prefix: UnsafeRawBufferPointer) -> Bool {
        switch PeerSighting.kind(prefix) {
        case .replicate, .replicated, .forwardPut, .forwarded, .handedOff, .repair: true
        default: false
        }
    }

    /// Puts, deletes and the answers to both.
    private static func isWantedOfClient(_ prefix: UnsafeRawBufferPointer) -> Bool {
        prefix.first.map { (11...14).contains($0) } ?? false
    }
}

/// Requests of a client on one connection that have no answer yet, in their order.
final class ClientDialogue {
    struct Asked {
        var code: UInt8
        /// Of a put or a delete that could be read.
        var write: ClientSighting.Write?
        var time: Int64
    }

    private var asked: [Asked] = []
    /// Bytes of it were missed: from then on nobody knows which answer belongs to which request.
    private(set) var isTorn = false

    /// Requests that a client may have open at once; more are not followed.
    private static let most = 1_024

    func ask(_ request: Asked) {
        if isTorn { return }
        asked.append(request)
        if asked.count > Self.most { tear() }
    }

    func tear() {
        isTorn = true
        asked = []
    }

    /// The request that an answer with this code belongs to.
    func take(answer code: UInt8) -> Asked? {
        // Listings answer with as many frames as they like.
        if code == 16 || code == 18 { return nil }
        while let first = asked.first {
            asked.removeFirst()
            let isListing = first.code == 15 || first.code == 17
            if !isListing || code == 0 { return first }
        }
        return nil
    }
}
