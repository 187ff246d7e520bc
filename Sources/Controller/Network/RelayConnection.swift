import Nemesis

#if canImport(Glibc)
    import Glibc
#endif

/// A relayed connection: the dialler's socket, the one towards the node that it dialled, and what flows both ways. Used by the
/// relay's thread alone.
final class RelayConnection {
    enum Far {
        /// Not dialled: the link is cut.
        case none
        case dialling(Int32)
        case open(Int32)
    }

    /// From the dialler to the node that it dialled.
    let link: DirectedLink
    private let target: (host: String, port: Int)
    private let evidence: RelayEvidence
    /// Negative once it is closed.
    private(set) var near: Int32
    private(set) var far = Far.none
    private var forward: RelayStream
    private var backward: RelayStream
    /// Bytes are missing in one of the streams: it can only be reset.
    private(set) var isTorn = false
    private(set) var isOver = false

    init(
        near: Int32, link: DirectedLink, target: (host: String, port: Int), evidence: RelayEvidence, seed: UInt64
    ) {
        self.near = near
        self.link = link
        self.target = target
        self.evidence = evidence
        forward = RelayStream(link: link, seed: seed)
        backward = RelayStream(link: link.reversed, seed: seed ^ 1)
    }

    // MARK: - What the thread waits for

    func nearEvents(_ rules: RelayRules, at now: Int64) -> Int16 {
        guard near >= 0 else { return 0 }
        return (forward.hasRoom ? Int16(POLLIN) : 0) | (mayWrite(backward, rules, now) ? Int16(POLLOUT) : 0)
    }

    func farEvents(_ rules: RelayRules, at now: Int64) -> Int16 {
        switch far {
        case .none: 0
        case .dialling: Int16(POLLOUT)
        case .open: (backward.hasRoom ? Int16(POLLIN) : 0) | (mayWrite(forward, rules, now) ? Int16(POLLOUT) : 0)
        }
    }

    var farDescriptor: Int32 {
        switch far {
        case .none: -1
        case .dialling(let descriptor), .open(let descriptor): descriptor
        }
    }

    /// When something becomes due by itself.
    func nextDue(_ rules: RelayRules) -> Int64? {
        let dues = [forward, backward].filter { !rules.cut.contains($0.link) }.compactMap(\.nextDue)
        return dues.min()
    }

    private func mayWrite(_ stream: RelayStream, _ rules: RelayRules, _ now: Int64) -> Bool {
        guard let due = stream.nextDue, !rules.cut.contains(stream.link) else { return false }
        return due <= now
    }

    // MARK: - What happens

    /// The rules have changed, or the connection is new.
    func obey(_ rules: RelayRules, at now: Int64) {
        if rules.resets.contains(link) || rules.resets.contains(link.reversed) {
            evidence.reset(rules.resets.contains(link) ? link : link.reversed, at: now)
            return abort()
        }
        if isTorn, !rules.swallows(link), !rules.swallows(link.reversed) { return abort() }
        guard !rules.isCut(link) else { return }
        // Whoever went away behind a cut is missed only now.
        if near < 0 { return abort() }
        if case .none = far {
            let descriptor = RelaySocket.connect(host: target.host, port: target.port)
            if descriptor < 0 { return abort() }
            far = .dialling(descriptor)
        }
        settle(rules)
    }

    func handleNear(_ events: Int16, _ rules: RelayRules, at now: Int64, _ room: inout [UInt8]) {
        guard near >= 0, events != 0, !isOver else { return }
        if events & Int16(POLLIN) != 0 { read(from: near, isNear: true, rules, now, &room) }
        guard near >= 0, !isOver else { return }
        if events & Int16(POLLOUT) != 0 { write(&backward, to: near, rules, now) }
        if events & Int16(POLLERR | POLLHUP) != 0, events & Int16(POLLIN) == 0 { nearIsGone(rules) }
        settle(rules)
    }

    func handleFar(_ events: Int16, _ rules: RelayRules, at now: Int64, _ room: inout [UInt8]) {
        guard events != 0, !isOver else { return }
        switch far {
        case .none: return
        case .dialling(let descriptor):
            // Refused: nobody runs there, which the dialler learns as a reset.
            if RelaySocket.hasFailed(descriptor) { return abort() }
            if events & Int16(POLLOUT) != 0 { far = .open(descriptor) }
        case .open(let descriptor):
            if events & Int16(POLLIN) != 0 { read(from: descriptor, isNear: false, rules, now, &room) }
            guard !isOver else { return }
            if events & Int16(POLLOUT) != 0 { write(&forward, to: descriptor, rules, now) }
            if events & Int16(POLLERR | POLLHUP) != 0, events & Int16(POLLIN) == 0, !rules.isCut(link) { abort() }
        }
        settle(rules)
    }

    /// Ends both sides with resets.
    func abort() {
        guard !isOver else { return }
        isOver = true
        if near >= 0 { RelaySocket.reset(near) }
        if farDescriptor >= 0 { RelaySocket.reset(farDescriptor) }
        near = -1
        far = .none
    }

    // MARK: - Bytes

    private func read(
        from descriptor: Int32, isNear: Bool, _ rules: RelayRules, _ now: Int64, _ room: inout [UInt8]
    ) {
        let count = recv(descriptor, &room, room.count, 0)
        let link = isNear ? forward.link : backward.link
        if count > 0 {
            let bytes = Array(room[..<count])
            evidence.sent(link, count, at: now)
            if rules.swallows(link) {
                isTorn = true
                return evidence.swallowed(link, count, at: now)
            }
            if isNear {
                forward.append(bytes, at: now, shape: rules.shapes[link])
            } else {
                backward.append(bytes, at: now, shape: rules.shapes[link])
            }
        } else if count == 0 {
            if isNear { forward.isEnded = true } else { backward.isEnded = true }
            if isNear, rules.isCut(link) { nearIsGone(rules) }
        } else if errno != EAGAIN && errno != EINTR {
            if isNear { nearIsGone(rules) } else if !rules.isCut(link) { abort() } else { backward.isEnded = true }
        }
    }

    private func write(_ stream: inout RelayStream, to descriptor: Int32, _ rules: RelayRules, _ now: Int64) {
        while let piece = stream.pieces.first, piece.due <= now, !rules.cut.contains(stream.link) {
            let count = piece.bytes.withUnsafeBytes { bytes in
                send(
                    descriptor, bytes.baseAddress?.advanced(by: piece.written), bytes.count - piece.written,
                    Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else {
                if count < 0, errno != EAGAIN, errno != EINTR { abort() }
                return
            }
            if let whole = stream.wrote(count) {
                evidence.delivered(
                    stream.link, whole.bytes.count, at: now, delay: now - whole.read,
                    isShaped: rules.shapes[stream.link] != nil)
            }
        }
    }

    /// The dialler is gone. Behind a cut nobody learns of that before the cut ends, and what it had sent is lost.
    private func nearIsGone(_ rules: RelayRules) {
        guard rules.isCut(link) else { return abort() }
        forward.drop()
        if near >= 0 { close(near) }
        near = -1
    }

    /// Passes on the end of a stream once everything before it was written.
    private func settle(_ rules: RelayRules) {
        guard !isOver, !rules.isCut(link), case .open(let descriptor) = far else { return }
        if forward.isEnded, forward.pieces.isEmpty, !forward.isEndTold {
            forward.isEndTold = true
            shutdown(descriptor, Int32(SHUT_WR))
        }
        if backward.isEnded, backward.pieces.isEmpty, !backward.isEndTold, near >= 0 {
            backward.isEndTold = true
            shutdown(near, Int32(SHUT_WR))
        }
        guard forward.isEndTold, backward.isEndTold else { return }
        isOver = true
        if near >= 0 { close(near) }
        close(descriptor)
        near = -1
        far = .none
    }
}
