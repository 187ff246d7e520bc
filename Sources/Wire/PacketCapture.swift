import CPcap
import Foundation
import Synchronization

#if canImport(Glibc)
    import Glibc
#endif

/// Listens on the bridge's ports and keeps, for each pair of nodes, when packets were sent and when they were delivered.
///
/// A port shows a node's own packets as it sends them and the others' as they are delivered to it, so that a packet which the
/// bridge dropped is seen on its sender's port only.
public final class PacketCapture: Sendable {
    /// A port of the bridge and the node behind it.
    public struct Port: Sendable {
        public let interface: String
        public let node: String
        public let address: String
        public init(interface: String, node: String, address: String) {
            self.interface = interface
            self.node = node
            self.address = address
        }
    }

    /// A direction between two nodes.
    struct Pair: Hashable {
        let from: UInt32
        let to: UInt32
    }

    struct State {
        var sent: [Pair: LinkTraffic] = [:]
        var delivered: [Pair: LinkTraffic] = [:]
        /// Links whose packets are followed one by one.
        var probes: [Pair: LinkProbe] = [:]
        /// Deliveries on those links whose sending may not have been read yet: each port is read on its own.
        var deliveries: [(pair: Pair, packet: PacketHeader, time: Int64)] = []
        var stopped = false
        /// Time of the newest packet that was read, nanoseconds since the run began.
        var newest: Int64 = 0
        var dropped: UInt32 = 0
    }

    /// What is wanted beyond counts and times.
    public struct Reading: Sendable {
        public var setting: WireSetting
        /// A file for Wireshark, compressed; nil: none.
        public var file: String?
        /// The most bytes that it may have.
        public var fileLimit: Int

        public init(_ setting: WireSetting, file: String?, fileLimit: Int) {
            self.setting = setting
            self.file = file
            self.fileLimit = fileLimit
        }
    }

    /// Bytes of each packet that are kept: of messages all, the largest of which offloading cuts into pieces of 64 KiB; where only
    /// times and counts are wanted, Ethernet, IPv4 and TCP headers with options.
    private static let wholeLength = Int32(PcapFormat.snapshotLength)
    private static let headersLength: Int32 = 128
    private static let bufferBytes: Int32 = 16 << 20
    /// How often, in nanoseconds, the kernel is asked for the packets that it dropped.
    private static let statisticsInterval: UInt64 = 200_000_000
    private static let readTimeoutMilliseconds: Int32 = 100
    /// How much later, in nanoseconds, one port may be read than another: the kernel hands packets over by the block.
    private static let readingLag: Int64 = 500_000_000

    private let ports: [Port]
    private let nodes: [UInt32: String]
    private let addresses: [String: UInt32]
    /// What to take from a packet's time (nanoseconds since 1970) to get nanoseconds since the run began.
    private let epoch: Int64
    private let state = Mutex(State())
    private let finished = DispatchSemaphore(value: 0)
    /// Who looks closer; nil: nobody.
    private let sinks: CaptureSinks?

    /// Opens every port and begins to listen, on one thread of its own.
    ///
    /// - Parameters:
    ///   - epoch: the run's beginning, in nanoseconds since 1970.
    ///   - reading: what to read of the messages; the nodes in the order of `ports`. Nil: nothing.
    /// Throws ``CaptureError`` when a port cannot be opened, or the file not be written.
    public init(ports: [Port], epoch: Int64, reading: Reading? = nil) throws(CaptureError) {
        self.ports = ports
        self.epoch = epoch
        var nodes: [UInt32: String] = [:]
        var addresses: [String: UInt32] = [:]
        for port in ports {
            guard let address = PacketHeader.address(port.address) else {
                throw CaptureError("cannot capture packets: \(port.address) is no IPv4 address")
            }
            nodes[address] = port.node
            addresses[port.node] = address
        }
        self.nodes = nodes
        self.addresses = addresses
        var taps: [Tap] = []
        for (place, port) in ports.enumerated() {
            guard let own = addresses[port.node] else { continue }
            let handle = try Self.open(
                port.interface, snapshot: reading == nil ? Self.headersLength : Self.wholeLength)
            taps.append(Tap(handle: handle, place: place, address: own))
        }
        if let reading {
            sinks = try CaptureSinks(reading.setting, file: reading.file, limit: reading.fileLimit, epoch: epoch)
        } else {
            sinks = nil
        }
        let opened = taps
        Thread.detachNewThread { [self] in listen(opened) }
    }

    /// An open port. Used by the listening thread alone once it runs.
    private struct Tap: @unchecked Sendable {
        let handle: OpaquePointer
        /// Among the ports.
        let place: Int
        let address: UInt32
        /// Packets that the kernel had dropped when it was last asked.
        var dropped: UInt32 = 0
    }

    private static func open(_ interface: String, snapshot: Int32) throws(CaptureError) -> OpaquePointer {
        var errors = [CChar](repeating: 0, count: Int(PCAP_ERRBUF_SIZE))
        guard let handle = pcap_create(interface, &errors) else {
            throw CaptureError(
                "cannot capture packets on \(interface): \(String(decoding: errors.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self))"
            )
        }
        pcap_set_snaplen(handle, snapshot)
        pcap_set_buffer_size(handle, bufferBytes)
        pcap_set_timeout(handle, readTimeoutMilliseconds)
        pcap_set_tstamp_precision(handle, PCAP_TSTAMP_PRECISION_NANO)
        guard pcap_activate(handle) >= 0, pcap_setnonblock(handle, 1, &errors) == 0 else {
            let reason = String(cString: pcap_geterr(handle))
            pcap_close(handle)
            throw CaptureError("cannot capture packets on \(interface): \(reason)")
        }
        return handle
    }

    // MARK: - Listening

    private func listen(_ opened: [Tap]) {
        var taps = opened
        var chunk: [UInt8] = []
        var asked = DispatchTime.now().uptimeNanoseconds
        var askedAt = wallClock
        var descriptors = taps.map { pollfd(fd: pcap_get_selectable_fd($0.handle), events: Int16(POLLIN), revents: 0) }
        while !state.withLock({ $0.stopped }) {
            poll(&descriptors, nfds_t(descriptors.count), Self.readTimeoutMilliseconds)
            for tap in taps { drain(tap, &chunk) }
            handOver(&chunk)
            let newest = state.withLock { $0.newest }
            match(before: newest - Self.readingLag)
            let now = DispatchTime.now().uptimeNanoseconds
            guard now - asked >= Self.statisticsInterval else { continue }
            asked = now
            askedAt = askForDrops(&taps, since: askedAt)
        }
        for tap in taps { drain(tap, &chunk) }
        handOver(&chunk)
        _ = askForDrops(&taps, since: askedAt)
        match(before: .max)
        for tap in taps {
            var statistics = pcap_stat()
            if pcap_stats(tap.handle, &statistics) == 0 {
                state.withLock { $0.dropped &+= statistics.ps_drop &+ statistics.ps_ifdrop }
            }
            pcap_close(tap.handle)
        }
        finished.signal()
    }

    /// Nanoseconds since the run began, on the clock that packets are stamped with.
    private var wallClock: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec) - epoch
    }

    private func handOver(_ chunk: inout [UInt8]) {
        guard let sinks, !chunk.isEmpty else { return }
        sinks.take(chunk)
        chunk = []
        chunk.reserveCapacity(CaptureSinks.chunkBytes + (1 << 16))
    }

    /// Tells of packets that the kernel dropped since it was last asked; gives back when it was asked now.
    private func askForDrops(_ taps: inout [Tap], since: Int64) -> Int64 {
        let now = wallClock
        for index in taps.indices {
            var statistics = pcap_stat()
            guard pcap_stats(taps[index].handle, &statistics) == 0 else { continue }
            let lost = statistics.ps_drop &- taps[index].dropped
            taps[index].dropped = statistics.ps_drop
            if lost > 0 { sinks?.missed(port: taps[index].place, packets: Int(lost), from: since, to: now) }
        }
        return now
    }

    /// Hands the deliveries before `time` to the probes: by then their sending was read, on whatever port.
    private func match(before time: Int64) {
        state.withLock { state in
            guard state.deliveries.contains(where: { $0.time < time }) else { return }
            for delivery in state.deliveries where delivery.time < time {
                state.probes[delivery.pair]?.delivered(delivery.packet, at: delivery.time)
            }
            state.deliveries.removeAll { $0.time < time }
        }
    }

    private func drain(_ tap: Tap, _ chunk: inout [UInt8]) {
        var header: UnsafeMutablePointer<pcap_pkthdr>?
        var bytes: UnsafePointer<UInt8>?
        state.withLock { state in
            while pcap_next_ex(tap.handle, &header, &bytes) == 1 {
                guard let header, let bytes else { return }
                let time = Int64(header.pointee.ts.tv_sec) * 1_000_000_000 + Int64(header.pointee.ts.tv_usec) - epoch
                state.newest = max(state.newest, time)
                let frame = UnsafeRawBufferPointer(start: bytes, count: Int(header.pointee.caplen))
                let packet = PacketHeader(ethernet: frame)
                if sinks != nil {
                    let record = PacketRecord(
                        port: tap.place, time: time, length: Int(header.pointee.len),
                        isSent: packet?.source == tap.address)
                    PacketRecord.append(record, frame, to: &chunk)
                    if chunk.count >= CaptureSinks.chunkBytes { handOver(&chunk) }
                }
                guard let packet, nodes[packet.source] != nil, nodes[packet.destination] != nil else { continue }
                let pair = Pair(from: packet.source, to: packet.destination)
                if packet.source == tap.address {
                    state.sent[pair, default: LinkTraffic()].add(time: time, bytes: packet.length)
                    state.probes[pair]?.sent(packet, at: time)
                } else {
                    state.delivered[pair, default: LinkTraffic()].add(time: time, bytes: packet.length)
                    if state.probes[pair] != nil { state.deliveries.append((pair, packet, time)) }
                }
            }
        }
    }

    /// Ends listening after what has arrived is read, and what looks closer after it has looked; at most a few seconds.
    ///
    /// Gives back how many packets the kernel dropped for want of room: with any, no witness is whole.
    public func stop() -> Int {
        state.withLock { $0.stopped = true }
        _ = finished.wait(timeout: .now() + .seconds(2))
        // What was not looked at in time is as good as lost: at least one.
        if sinks?.finish(limit: 10) == false { state.withLock { $0.dropped &+= 1 } }
        return Int(state.withLock { $0.dropped })
    }

    // MARK: - What was read

    /// What the messages so far come to; nil where they are not read. Live: every count so far.
    public var report: WireReport? { sinks?.report }

    /// Takes away the acknowledgements of puts that were decided on since the last time.
    ///
    /// - Parameter atEnd: decides on all that are left.
    public func takeAcknowledged(atEnd: Bool) -> [AcknowledgedPut] { sinks?.takeDecided(atEnd: atEnd) ?? [] }

    /// The compressed bytes of the file, the packets that are not in it, and why it ended early.
    public var fileState: (bytes: Int, leftOut: Int, failure: String?)? { sinks?.fileState }

    // MARK: - What was seen

    /// What the capture says of a cut between `start` and `end` (nanoseconds since the run began).
    public func witness(cut directions: [(from: String, to: String)], start: Int64, end: Int64) -> CutWitness {
        state.withLock { state in
            var (attempted, silent) = (0, 0)
            var leaks: [CutWitness.Leak] = []
            var (before, after): (Int64?, Int64?) = (nil, nil)
            for direction in directions {
                guard let from = addresses[direction.from], let to = addresses[direction.to] else { continue }
                let pair = Pair(from: from, to: to)
                let sent = state.sent[pair]?.packets(after: start, before: end) ?? 0
                attempted += sent
                if sent == 0 { silent += 1 }
                guard let delivered = state.delivered[pair] else { continue }
                let through = delivered.packets(after: start, before: end)
                if through > 0 { leaks.append(.init(from: direction.from, to: direction.to, packets: through)) }
                if let time = delivered.last(before: start) { before = max(before ?? time, time) }
                if let time = delivered.first(after: end) { after = min(after ?? time, time) }
            }
            return CutWitness(
                start: start, end: end, directions: directions.count, attempted: attempted, silent: silent,
                leaks: leaks,
                lastBefore: before, firstAfter: after)
        }
    }

    /// Follows the packets of these links, both ways, one by one from now on, until the capture ends.
    public func follow(_ links: [(from: String, to: String)]) {
        state.withLock { state in
            for link in links {
                guard let from = addresses[link.from], let to = addresses[link.to] else { continue }
                for pair in [Pair(from: from, to: to), Pair(from: to, to: from)] where state.probes[pair] == nil {
                    state.probes[pair] = LinkProbe()
                }
            }
        }
    }

    /// What the capture says of trouble on links between `start` and `end` (nanoseconds since the run began).
    public func witness(
        _ meant: TroubleWitness.Meant, on links: [(from: String, to: String)], start: Int64, end: Int64
    ) -> TroubleWitness {
        state.withLock { state in
            var sum = LinkProbe.Counts()
            var (resetsBack, fastest) = (0, 0)
            for link in links {
                guard let from = addresses[link.from], let to = addresses[link.to] else { continue }
                if let counts = state.probes[Pair(from: from, to: to)]?.counts(after: start, before: end) {
                    sum.add(counts)
                    fastest = max(fastest, Int(Double(counts.bytesDelivered) * 1e9 / Double(max(1, end - start))))
                }
                resetsBack += state.probes[Pair(from: to, to: from)]?.counts(after: start, before: end).resets ?? 0
            }
            return TroubleWitness(meant: meant, counts: sum, resetsBack: resetsBack, fastest: fastest)
        }
    }

    /// Packets and bytes delivered between nodes so far.
    public func totals() -> (packets: Int, bytes: Int) {
        state.withLock { state in
            state.delivered.values.reduce((0, 0)) { ($0.0 + $1.packets, $0.1 + $1.bytes) }
        }
    }
}

/// Why a capture could not begin, or a capture file not be read.
public struct CaptureError: Error, CustomStringConvertible, Sendable {
    public let description: String
    init(_ description: String) { self.description = description }
}
