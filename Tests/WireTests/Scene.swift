import Causality
import Dynamo
import Foundation
import PeerProtocol
import RiakProtocol
import Wire

/// Three nodes and a client on the wire, and what the ports show of them.
final class Scene {
    enum Place: Hashable {
        case node(Int)
        case client
    }

    /// Which ports saw a packet: of a packet that was cut only the sender's, of one that the capture lost none.
    enum Seen {
        case everywhere, sentOnly, notAtAll
    }

    private struct Direction: Hashable {
        var from: UInt64
        var to: UInt64
    }

    let analysis: WireAnalysis
    var time: Int64 = 0
    private var sequences: [Direction: UInt32] = [:]
    static let incarnation: UInt64 = 7

    init(w: Int = 2) {
        analysis = WireAnalysis(
            WireSetting(nodes: (1...3).map { .init(name: "n\($0)", address: Self.address(.node($0))) }, n: 3, w: w))
    }

    private static func address(_ place: Place) -> UInt32 {
        switch place {
        case .node(let number): 0x0a4d_0000 + UInt32(number)
        case .client: 0x0a4d_00fe
        }
    }

    // MARK: - Messages

    /// A message from a node to another, over the connection that it dialled.
    func tell(_ from: Int, _ to: Int, _ message: Message, seen: Seen = .everywhere) {
        let frame = (try? PeerPacket.message(message).frame()) ?? []
        send((.node(from), 41_000), (.node(to), 8_099), frame, seen: seen)
    }

    func ask(_ node: Int, _ frame: Frame?, seen: Seen = .everywhere) {
        send((.client, 50_000), (.node(node), 8_087), frame?.bytes ?? [], seen: seen)
    }

    func answer(_ node: Int, _ frame: Frame?) { send((.node(node), 8_087), (.client, 50_000), frame?.bytes ?? []) }

    /// Says over the way back how much of what `from` told `to` has arrived.
    func confirm(_ from: Int, _ to: Int) {
        let (there, back) = ((Self.address(.node(from)), UInt16(41_000)), (Self.address(.node(to)), UInt16(8_099)))
        let reached = sequences[direction(there, back)] ?? 0
        let frame = Segments.frame(from: back, to: there, sequence: 1, acknowledgement: reached)
        show(frame, at: [to, from])
    }

    private func direction(_ from: (UInt32, UInt16), _ to: (UInt32, UInt16)) -> Direction {
        Direction(from: UInt64(from.0) << 16 | UInt64(from.1), to: UInt64(to.0) << 16 | UInt64(to.1))
    }

    private func send(_ from: (Place, UInt16), _ to: (Place, UInt16), _ bytes: [UInt8], seen: Seen = .everywhere) {
        let (source, destination) = ((Self.address(from.0), from.1), (Self.address(to.0), to.1))
        let direction = direction(source, destination)
        let ports = [from.0, to.0].compactMap { place -> Int? in
            if case .node(let number) = place { number } else { nil }
        }
        if sequences[direction] == nil {
            sequences[direction] = 1_001
            let isAnswer = from.1 == 8_087
            let opening = Segments.frame(
                from: source, to: destination, sequence: 1_000, acknowledgement: isAnswer ? 1_001 : nil,
                flags: Segments.synchronize)
            show(opening, at: ports)
        }
        let frame = Segments.frame(
            from: source, to: destination, sequence: sequences[direction] ?? 0, acknowledgement: nil, payload: bytes)
        sequences[direction, default: 0] &+= UInt32(bytes.count)
        switch seen {
        case .everywhere: show(frame, at: ports)
        case .sentOnly: show(frame, at: Array(ports.prefix(1)))
        case .notAtAll: time += 1_000_000
        }
    }

    private func show(_ frame: [UInt8], at ports: [Int]) {
        for port in ports {
            time += 100_000
            frame.withUnsafeBytes { analysis.take(port: port - 1, time: time, length: frame.count, frame: $0) }
        }
    }

    // MARK: - What is said in a put

    static let key = Key(bucket: Array("dyno".utf8), name: Array("k".utf8))

    static func dot(_ node: Int, _ counter: UInt64) -> Dot {
        Dot(actor: Actor(node: "n\(node)", incarnation: incarnation), counter: counter)
    }

    static func siblings(_ dot: Dot) -> Siblings {
        var siblings = Siblings()
        siblings.write(
            dot: dot, context: VersionVector(), payload: Content(value: Array("3-1|".utf8)), tombstone: false)
        return siblings
    }

    static func put(_ id: String, w: UInt32? = nil) -> Frame? {
        var put = RpbPutReq()
        (put.bucket, put.key) = (Data("dyno".utf8), Data("k".utf8))
        put.content.value = Data("\(id)|....".utf8)
        put.clocks = true
        if let w { put.w = w }
        return try? Frame(.putRequest, put)
    }

    static func acknowledgement(_ dot: Dot) -> Frame? {
        var answer = RpbPutResp()
        answer.dot.actor = Data(dot.actor.description.utf8)
        answer.dot.counter = dot.counter
        return try? Frame(.putResponse, answer)
    }

    static func delete(_ id: String) -> Frame? {
        var delete = RpbDelReq()
        (delete.bucket, delete.key, delete.tag) = (Data("dyno".utf8), Data("k".utf8), Data(id.utf8))
        return try? Frame(.deleteRequest, delete)
    }
}
