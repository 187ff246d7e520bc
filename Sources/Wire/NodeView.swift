/// What passes the port of one node: the messages that it sent and those that were delivered to it, in the order in which they did.
final class NodeView {
    /// What came of a message, for whoever puts the views of all nodes together.
    enum Sighting {
        case message(WireKind, from: Int, to: Int, bytes: Int)
        /// The coordinator's word to the node that forwarded the put: so many nodes had acknowledged it by then.
        case coordinated(write: UInt64, acknowledgements: Int)
        case acknowledged(PendingAcknowledgement)
        /// A put was answered, and what it was could not be read.
        case unreadable
        case handedOff
        case repaired(objects: Int)
        /// A client has set properties of a bucket, quorums perhaps.
        case propertiesSet
    }

    /// Connections that are kept at once; beyond that, those that are silent longest are forgotten.
    private static let mostConnections = 8_192
    private static let silence: Int64 = 60_000_000_000

    let place: Int
    private let setting: WireSetting
    private let name: [UInt8]
    private var connections: [ConnectionKey: Connection] = [:]
    private var flows = 0
    private(set) var ledger = AcknowledgementLedger()
    private(set) var blindness = Blindness()
    private(set) var gaps = 0
    private(set) var gapBytes = 0
    /// Streams that ran before the capture began.
    private(set) var begunBefore = 0

    init(place: Int, setting: WireSetting) {
        self.place = place
        self.setting = setting
        name = Array(setting.nodes[place].name.utf8)
    }

    /// Packets of this port were lost between two instants.
    func missed(from: Int64, to: Int64) { blindness.add(from: from, to: to) }

    /// Takes a segment that passed the port.
    func take(
        _ segment: TCPSegment, of frame: UnsafeRawBufferPointer, at time: Int64, _ give: (Sighting) -> Void
    ) {
        ledger.age(at: time)
        let (key, fromLow) = ConnectionKey.of(segment)
        guard let connection = connection(key, segment, fromLow, at: time) else { return }
        connection.lastSeen = time
        let (flow, other) = fromLow ? (connection.low, connection.high) : (connection.high, connection.low)
        if let other, let acknowledgement = segment.acknowledgement, !segment.isReset {
            other.assembler.acknowledged(acknowledgement) { read($0, other, at: time, give) }
        }
        if let flow { flow.assembler.take(segment, of: frame) { read($0, flow, at: time, give) } }
    }

    // MARK: - Connections

    private func connection(
        _ key: ConnectionKey, _ segment: TCPSegment, _ fromLow: Bool, at time: Int64
    ) -> Connection? {
        let opens = segment.isSynchronization && segment.acknowledgement == nil
        if let known = connections[key], !opens || known.opening == segment.sequence { return known }
        guard let (there, back) = roles(of: segment) else { return nil }
        if let known = connections[key] {
            for flow in [known.low, known.high] { if let flow { blindness.end(stream: flow.number, at: time) } }
        } else if !opens, !segment.isSynchronization, segment.payload.isEmpty, segment.missing == 0 {
            // The rest of a connection that is over already, more likely than one that ran before.
            return nil
        }
        let (one, other) = (there.map(flow), back.map(flow))
        let made = Connection(
            opening: opens ? segment.sequence : nil, low: fromLow ? one : other, high: fromLow ? other : one, at: time)
        if connections.count >= Self.mostConnections { forgetSilent(at: time) }
        connections[key] = made
        return made
    }

    private func flow(_ role: Flow.Role) -> Flow {
        flows += 1
        return Flow(number: flows, role: role)
    }

    /// What travels the segment's way, and what comes back; nil: nothing that is read.
    private func roles(of segment: TCPSegment) -> (there: Flow.Role?, back: Flow.Role?)? {
        let (source, destination) = (setting.place(of: segment.source), setting.place(of: segment.destination))
        if let source, let destination {
            if segment.destinationPort == setting.peerPort { return (.peer(from: source, to: destination), nil) }
            if segment.sourcePort == setting.peerPort { return (nil, .peer(from: destination, to: source)) }
        }
        let dialogue = ClientDialogue()
        if destination == place, segment.destinationPort == setting.clientPort {
            return (.request(dialogue), .answer(dialogue))
        }
        if source == place, segment.sourcePort == setting.clientPort { return (.answer(dialogue), .request(dialogue)) }
        return nil
    }

    private func forgetSilent(at time: Int64) {
        let before = connections.count
        connections = connections.filter { $0.value.lastSeen > time - Self.silence }
        if connections.count < before { return }
        // All of them talk: nothing can be forgotten without missing something.
        connections.removeAll()
        blindness.add(from: .min, to: time)
    }

    // MARK: - Streams

    private func read(_ piece: StreamPiece, _ flow: Flow, at time: Int64, _ give: (Sighting) -> Void) {
        let wasLost = flow.scanner.isLost
        switch piece {
        case .bytes(let bytes):
            flow.scanner.take(bytes) { read($0, flow, at: time, give) }
            flow.lastProgress = time
        case .gap(let count):
            if let count {
                gaps += 1
                gapBytes += count
            } else {
                begunBefore += 1
            }
            blindness.add(from: flow.lastProgress, to: time)
            flow.scanner.skip(count) { read($0, flow, at: time, give) }
            switch flow.role {
            case .request(let dialogue), .answer(let dialogue): dialogue.tear()
            case .peer: break
            }
        case .end: blindness.end(stream: flow.number, at: time)
        }
        if flow.scanner.isLost, !wasLost { blindness.begin(stream: flow.number, since: time) }
        if wasLost, !flow.scanner.isLost { blindness.end(stream: flow.number, at: time) }
    }

    private func read(_ frame: FrameScanner.Frame, _ flow: Flow, at time: Int64, _ give: (Sighting) -> Void) {
        let body = frame.body.bindMemory(to: UInt8.self)
        switch flow.role {
        case .peer(let from, let to):
            guard let kind = PeerSighting.kind(frame.body) else { return }
            if to == place { give(.message(kind, from: from, to: to, bytes: frame.length + 4)) }
            guard frame.isWhole else { return }
            if from == place { sent(kind, body, to: to, give) } else { received(kind, body, from: from, give) }
        case .request(let dialogue):
            guard let kind = ClientSighting.kind(frame.body) else { return }
            give(.message(kind, from: setting.hub, to: place, bytes: frame.length + 4))
            asked(body, frame.isWhole, dialogue, at: time, give)
        case .answer(let dialogue):
            guard let kind = ClientSighting.kind(frame.body) else { return }
            give(.message(kind, from: place, to: setting.hub, bytes: frame.length + 4))
            answered(body, frame.isWhole, dialogue, at: time, give)
        }
    }

    // MARK: - Messages between nodes

    private func sent(_ kind: WireKind, _ body: PeerSighting.Bytes, to peer: Int, _ give: (Sighting) -> Void) {
        switch kind {
        case .replicate:
            var writes: [UInt64] = []
            let request = name.withUnsafeBufferPointer { name in
                PeerSighting.replicate(body, by: name) { writes.append($0) }
            }
            if let request { ledger.sent(replicate: request, writes: writes) }
        case .forwardPut:
            if let put = PeerSighting.forwardPut(body) {
                ledger.sent(forwardPut: put.request, to: peer, key: put.key)
            }
        case .forwarded:
            guard let answer = PeerSighting.forwarded(body),
                let key = ledger.key(ofForwarded: answer.request, to: peer)
            else { return }
            let write = print(key, answer.dot)
            give(.coordinated(write: write, acknowledgements: ledger.acknowledgements(of: write)))
        default: break
        }
    }

    private func received(_ kind: WireKind, _ body: PeerSighting.Bytes, from peer: Int, _ give: (Sighting) -> Void) {
        switch kind {
        case .replicated:
            if let answer = PeerSighting.answer(body), answer.ok {
                ledger.received(replicated: answer.request, from: peer)
            }
        case .forwardPut:
            if let put = PeerSighting.forwardPut(body) {
                ledger.received(forwardPut: put.request, from: peer, key: put.key)
            }
        case .forwarded:
            guard let answer = PeerSighting.forwarded(body),
                let key = ledger.key(ofReturned: answer.request, from: peer)
            else { return }
            ledger.received(acknowledgementOf: print(key, answer.dot))
        case .handedOff: if PeerSighting.answer(body)?.ok == true { give(.handedOff) }
        case .repair: give(.repaired(objects: PeerSighting.objects(body)))
        default: break
        }
    }

    private func print(_ key: UInt64, _ dot: PeerSighting.SeenDot) -> UInt64 {
        WritePrint.write(key: key, node: dot.node, incarnation: dot.incarnation, counter: dot.counter)
    }

    // MARK: - Messages of clients

    private func asked(
        _ body: PeerSighting.Bytes, _ isWhole: Bool, _ dialogue: ClientDialogue, at time: Int64,
        _ give: (Sighting) -> Void
    ) {
        var request = ClientDialogue.Asked(code: body[0], time: time)
        switch body[0] {
        case 11, 13:
            if isWhole {
                request.write = ClientSighting.write(
                    .init(rebasing: body[1...]), isDelete: body[0] == 13, n: setting.n)
            }
        case 21, 29, 32: give(.propertiesSet)
        default: break
        }
        dialogue.ask(request)
    }

    private func answered(
        _ body: PeerSighting.Bytes, _ isWhole: Bool, _ dialogue: ClientDialogue, at time: Int64,
        _ give: (Sighting) -> Void
    ) {
        let code = body[0]
        let request = dialogue.take(answer: code)
        guard code == 12 || code == 14 else { return }
        // Where nothing was stored there was nothing to delete.
        if code == 14, body.count == 1, isWhole { return }
        guard !dialogue.isTorn, let request, request.code == code - 1, let write = request.write, isWhole,
            let needed = write.needed(store: setting.w),
            let dot = ClientSighting.dot(.init(rebasing: body[1...])),
            let coordinator = setting.nodes.firstIndex(where: { $0.name.utf8.elementsEqual(dot.node) })
        else { return give(.unreadable) }
        let print = print(write.key, dot)
        var acknowledgements: Int?
        if coordinator == place {
            acknowledgements = ledger.acknowledgements(of: print)
        } else if !ledger.hasReturned(print) {
            // It answered before its coordinator did: nothing had been promised by then.
            acknowledgements = 0
        }
        give(
            .acknowledged(
                PendingAcknowledgement(
                    id: write.id, w: needed, print: print, answerer: place, coordinator: coordinator,
                    acknowledgements: acknowledgements, began: request.time, answered: time)))
    }
}
