import CLinux
import Dispatch
import Foundation
import Nemesis
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Makes links lossy, slow, narrow or disorderly without the kernel's help (`sch_netem` is not everywhere, and needs no
/// privilege here): while a link has a shape, the bridge drops what it carries, and this carries it instead, from packet
/// socket to packet socket, frame by frame, as its ``LinkFate`` decides.
///
/// Works as an ordinary user inside the sandbox. The sockets are open only while some link has a shape.
final class LinkShaper: Sendable {
    private struct State {
        var fates: [DirectedLink: LinkFate] = [:]
        var cut: Set<DirectedLink> = []
        var dropped = 0
        var isRunning = false
    }

    /// Bytes of frames that may wait; what comes beyond is lost and counted.
    private static let mostWaiting = 256 << 20

    private let links: [NodeLink]
    private let seed: UInt64
    private let state = Mutex(State())

    /// - Parameter links: the nodes and their ports; their Ethernet addresses are those of ``SandboxNetwork``.
    init(links: [NodeLink], seed: UInt64) {
        self.links = links
        self.seed = seed
    }

    /// Replaces the shapes in force. Returns when they are.
    ///
    /// Throws ``ToolError`` when the packet sockets cannot be opened.
    func set(_ shapes: [LinkShape]) throws {
        let mustStart = state.withLock { state in
            var fates: [DirectedLink: LinkFate] = [:]
            for (index, shape) in shapes.enumerated() {
                if var known = state.fates[shape.link] {
                    known.change(to: shape)
                    fates[shape.link] = known
                } else {
                    fates[shape.link] = LinkFate(shape, seed: seed &+ UInt64(index))
                }
            }
            state.fates = fates
            let mustStart = !fates.isEmpty && !state.isRunning
            if mustStart { state.isRunning = true }
            return mustStart
        }
        if mustStart { try start() }
    }

    /// What is cut stays cut, whatever shape it has.
    func setCuts(_ cuts: [DirectedLink]) { state.withLock { $0.cut = Set(cuts) } }

    /// What became of the frames of a link since its shape came into force.
    func counts(of link: DirectedLink) -> LinkFate.Counts? { state.withLock { $0.fates[link]?.counts } }

    /// Frames lost for want of room, by nobody's intention.
    var dropped: Int { state.withLock { $0.dropped } }

    // MARK: - Carrying

    private func start() throws {
        var descriptors: [Int32] = []
        for link in links {
            let descriptor = clinux_packet_socket(link.port)
            guard descriptor >= 0 else {
                let reason = String(cString: strerror(errno))
                for open in descriptors { close(open) }
                state.withLock { $0.isRunning = false }
                throw ToolError(tool: ["packet socket on \(link.port)"], reason: reason)
            }
            descriptors.append(descriptor)
        }
        let opened = descriptors
        Thread.detachNewThread { [self] in carry(opened) }
    }

    private func carry(_ descriptors: [Int32]) {
        var polled = descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        var queue = FrameQueue()
        var buffer = [UInt8](repeating: 0, count: 80_000)
        while true {
            let isIdle = state.withLock { $0.fates.isEmpty }
            if isIdle, queue.nextDue == nil { break }
            poll(&polled, nfds_t(polled.count), timeout(until: queue.nextDue))
            for port in descriptors.indices { receive(descriptors[port], port, &buffer, &queue) }
            let now = DispatchTime.now().uptimeNanoseconds
            while let frame = queue.pop(at: now) { send(frame, descriptors[frame.port]) }
        }
        for descriptor in descriptors {
            let drops = Int(clinux_packet_drops(descriptor))
            state.withLock { $0.dropped += drops }
            close(descriptor)
        }
        let mustRestart = state.withLock { state in
            state.isRunning = false
            return !state.fates.isEmpty
        }
        // A shape that came while the sockets were being closed.
        if mustRestart { try? set(state.withLock { $0.fates.values.map(\.shape) }) }
    }

    /// Milliseconds for poll(2), rounded down: the rest of a millisecond is spent polling.
    private func timeout(until due: UInt64?) -> Int32 {
        guard let due else { return 50 }
        let now = DispatchTime.now().uptimeNanoseconds
        return due <= now ? 0 : Int32(min(50, (due - now) / 1_000_000))
    }

    private func receive(_ descriptor: Int32, _ port: Int, _ buffer: inout [UInt8], _ queue: inout FrameQueue) {
        for _ in 0..<256 {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return }
            let facts = buffer.withUnsafeBytes { FrameFacts(UnsafeRawBufferPointer(rebasing: $0[..<count])) }
            guard let facts, facts.isIPv4, let target = SandboxNetwork.index(ofEthernet: facts.destination),
                links.indices.contains(target), target != port
            else { continue }
            let link = DirectedLink(from: links[port].node, to: links[target].node)
            let now = DispatchTime.now().uptimeNanoseconds
            let waiting = queue.bytes
            let departures = state.withLock { state -> [UInt64] in
                guard !state.cut.contains(link) else { return [] }
                if waiting > Self.mostWaiting {
                    state.dropped += 1
                    return []
                }
                return state.fates[link]?.departures(of: facts, at: now) ?? []
            }
            for due in departures { queue.push(due: due, port: target, bytes: Array(buffer[..<count])) }
        }
    }

    private func send(_ frame: FrameQueue.Frame, _ descriptor: Int32) {
        let sent = frame.bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress, $0.count, 0) }
        if sent < 0 { state.withLock { $0.dropped += 1 } }
    }
}
