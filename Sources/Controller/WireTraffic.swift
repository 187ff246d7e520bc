import Causality
import Dynamo
import Foundation
import PeerProtocol
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// One node of the witness's bench: sends `replicate` frames to every other node at a rate, and answers each that it gets with a
/// `replicated`, over connections as real nodes have them (messages go one way; who is asked answers over a connection of its own).
public final class WireTraffic: Sendable {
    private static let port: UInt16 = 8099
    /// Different frames that are sent again and again.
    private static let variety = 64
    /// Bytes that may wait for a peer.
    private static let chunk = 1 << 16

    private struct Counts {
        var replicates = 0
        var replicateds = 0
    }

    private let name: String
    private let peers: [String]
    private let bytesPerSecond: Double
    private let frames: [[UInt8]]
    private let answer: [UInt8]
    private let greeting: [UInt8]
    private let listener: Int32
    private let address: String
    private let received = Mutex(Counts())
    /// By peer: its connection, and the answers that are to go out over it.
    private let answers: Mutex<[String: Int]>

    /// - Parameters:
    ///   - peers: addresses of the others.
    ///   - bytesPerSecond: to all of them together.
    ///   - frameBytes: of a value.
    public init(
        name: String, address: String, peers: [String], bytesPerSecond: Double, frameBytes: Int
    ) throws {
        self.name = name
        self.address = address
        self.peers = peers
        self.bytesPerSecond = bytesPerSecond
        frames = try (0..<Self.variety).map { number in
            var siblings = Siblings()
            siblings.write(
                dot: Dot(actor: Actor(node: name, incarnation: 7), counter: UInt64(number + 1)),
                context: VersionVector(),
                payload: Content(value: (0..<frameBytes).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ number) }),
                tombstone: false)
            return try PeerPacket.message(
                .replicate(
                    request: UInt64(number + 1) << 20,
                    key: Key(bucket: Array("dyno".utf8), name: Array("k\(number)".utf8)),
                    siblings: siblings, hintFor: nil)
            ).frame()
        }
        answer = try PeerPacket.message(.replicated(request: 1 << 20, ok: true)).frame()
        greeting = try PeerPacket.hello(PeerGreeting(node: name, cluster: "bench")).frame()
        answers = Mutex(Dictionary(peers.map { ($0, 0) }) { first, _ in first })
        listener = try Self.listen(address)
    }

    /// Sends for so many seconds, waits until everything is through, and says how many messages it received.
    public func run(seconds: Double) throws -> String {
        Thread.detachNewThread { [self] in accept() }
        let threads = peers.map { peer in
            let done = DispatchSemaphore(value: 0)
            Thread.detachNewThread { [self] in
                send(to: peer, seconds: seconds)
                done.signal()
            }
            return done
        }
        for done in threads { done.wait() }
        // What is still under way to this node.
        usleep(1_500_000)
        let counts = received.withLock { $0 }
        return "{\"replicates\":\(counts.replicates),\"replicateds\":\(counts.replicateds)}"
    }

    // MARK: - Sending

    private func send(to peer: String, seconds: Double) {
        guard let socket = connect(to: peer) else { return }
        defer { close(socket) }
        write(greeting, socket)
        let share = bytesPerSecond / Double(max(1, peers.count))
        let began = DispatchTime.now().uptimeNanoseconds
        var (sent, next) = (0, 0)
        var buffer: [UInt8] = []
        while true {
            let elapsed = Double(DispatchTime.now().uptimeNanoseconds - began) / 1e9
            // A second longer for the answers to what the others sent last.
            if elapsed > seconds + 1 { return }
            let due = elapsed < seconds ? Int(elapsed * share) : sent
            buffer.removeAll(keepingCapacity: true)
            while sent + buffer.count < due, buffer.count < Self.chunk {
                buffer += frames[next % frames.count]
                next += 1
            }
            sent += buffer.count
            let waiting = answers.withLock { answers in
                defer { answers[peer] = 0 }
                return answers[peer] ?? 0
            }
            for _ in 0..<waiting { buffer += answer }
            if buffer.isEmpty { usleep(1_000) } else { write(buffer, socket) }
        }
    }

    private func connect(to peer: String) -> Int32? {
        let deadline = DispatchTime.now() + .seconds(5)
        while DispatchTime.now() < deadline {
            let socket = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
            var place = Self.place(peer)
            let connected = withUnsafePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    Glibc.connect(socket, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            if connected == 0 { return socket }
            close(socket)
            usleep(10_000)
        }
        return nil
    }

    private func write(_ bytes: [UInt8], _ socket: Int32) {
        var place = 0
        while place < bytes.count {
            let count = bytes.withUnsafeBytes {
                Glibc.send(socket, $0.baseAddress?.advanced(by: place), $0.count - place, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return }
            place += count
        }
    }

    // MARK: - Receiving

    private static func listen(_ address: String) throws -> Int32 {
        let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var place = place(address)
        let bound = withUnsafePointer(to: &place) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(listener, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard listener >= 0, bound == 0, Glibc.listen(listener, 64) == 0 else {
            throw WireBenchError("cannot listen on \(address): \(String(cString: strerror(errno)))")
        }
        return listener
    }

    private static func place(_ address: String) -> sockaddr_in {
        var place = sockaddr_in()
        place.sin_family = sa_family_t(AF_INET)
        place.sin_port = port.bigEndian
        inet_pton(AF_INET, address, &place.sin_addr)
        return place
    }

    private func accept() {
        while true {
            var place = sockaddr_in()
            var size = socklen_t(MemoryLayout<sockaddr_in>.size)
            let socket = withUnsafeMutablePointer(to: &place) { pointer in
                pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { Glibc.accept(listener, $0, &size) }
            }
            guard socket >= 0 else { return }
            var text = [CChar](repeating: 0, count: 64)
            inet_ntop(AF_INET, &place.sin_addr, &text, 64)
            let peer = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            Thread.detachNewThread { [self] in receive(socket, from: peer) }
        }
    }

    private func receive(_ socket: Int32, from peer: String) {
        var cutter = FrameCutter()
        var buffer = [UInt8](repeating: 0, count: 1 << 17)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            buffer.withUnsafeBytes { cutter.append(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            var (replicates, replicateds) = (0, 0)
            while let body = try? cutter.next() {
                // The first byte of a frame says what it holds: field 2 or 3 of `PeerFrame`.
                if body.first == 0x12 { replicates += 1 }
                if body.first == 0x1a { replicateds += 1 }
            }
            received.withLock { counts in
                counts.replicates += replicates
                counts.replicateds += replicateds
            }
            if replicates > 0 { answers.withLock { $0[peer, default: 0] += replicates } }
        }
    }
}
