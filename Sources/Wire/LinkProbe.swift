/// Follows each packet of a link from where it was sent to where it was delivered: what was lost, doubled, late or overtaken.
///
/// Counts are kept by slices of the time at which packets were sent, so that a fault's own interval can be asked for. Times are
/// nanoseconds since the run began.
public struct LinkProbe: Sendable {
    /// Length of a slice, in nanoseconds.
    public static let slice: Int64 = 50_000_000
    /// A packet that was not delivered within this many nanoseconds counts as lost.
    private static let memory: Int64 = 5_000_000_000

    /// What became of the packets sent in a stretch of time.
    public struct Counts: Sendable, Hashable {
        public var sent = 0
        public var delivered = 0
        /// Deliveries beyond the first of the same packet.
        public var duplicated = 0
        /// Packets delivered after one that was sent later.
        public var overtaken = 0
        public var bytesDelivered = 0
        /// TCP segments with a payload.
        public var dataSent = 0
        public var dataDelivered = 0
        /// TCP segments that reset a connection.
        public var resets = 0
        /// Packets delivered whose delay tells of the link: all but resets. The kernel answers a refused packet with a reset that
        /// looks like the other node's own, to the last bit, and was never on the link.
        public var timed = 0
        /// Nanoseconds from sent to delivered, over the packets timed: the least, the sum, the most.
        public var leastDelay = Int64.max
        public var sumOfDelays: Int64 = 0
        public var mostDelay: Int64 = 0

        public init() {}
        public var lost: Int { sent - delivered }
        /// Nanoseconds; nil when nothing was timed.
        public var meanDelay: Int64? { timed > 0 ? sumOfDelays / Int64(timed) : nil }

        mutating func add(_ other: Counts) {
            sent += other.sent
            delivered += other.delivered
            duplicated += other.duplicated
            overtaken += other.overtaken
            bytesDelivered += other.bytesDelivered
            dataSent += other.dataSent
            dataDelivered += other.dataDelivered
            resets += other.resets
            timed += other.timed
            leastDelay = min(leastDelay, other.leastDelay)
            sumOfDelays += other.sumOfDelays
            mostDelay = max(mostDelay, other.mostDelay)
        }
    }

    private struct Sending {
        var time: Int64
        var number: Int
        var deliveries = 0
        /// Packets alike to the last bit that were sent while this one or one of them was under way (resets of one connection
        /// are, and what answers for a connection that is gone): when, and their numbers.
        var alike: [(time: Int64, number: Int)] = []
    }

    private var slices: [Int64: Counts] = [:]
    /// Packets under way: those sent lately, and those sent before them.
    private var young: [UInt64: Sending] = [:]
    private var old: [UInt64: Sending] = [:]
    private var youngSince = Int64.min
    private var numbers = 0
    private var latestDelivered = 0

    public init() {}

    public mutating func sent(_ packet: PacketHeader, at time: Int64) {
        if time - Self.memory > youngSince {
            old = young
            young = [:]
            youngSince = time
        }
        numbers += 1
        if let known = young[packet.fingerprint], known.deliveries == 0 || !known.alike.isEmpty {
            young[packet.fingerprint]?.alike.append((time, numbers))
        } else {
            young[packet.fingerprint] = Sending(time: time, number: numbers)
        }
        change(time) { counts in
            counts.sent += 1
            if packet.carriesData { counts.dataSent += 1 }
            if packet.isReset { counts.resets += 1 }
        }
    }

    public mutating func delivered(_ packet: PacketHeader, at time: Int64) {
        let isYoung = young[packet.fingerprint] != nil
        guard var sending = isYoung ? young[packet.fingerprint] : old[packet.fingerprint] else { return }
        // The first delivery is of the first sending; the next one of the next that was alike.
        if sending.deliveries > 0, let next = sending.alike.first {
            sending = Sending(
                time: next.time, number: next.number, alike: Array(sending.alike.dropFirst()))
        }
        sending.deliveries += 1
        if isYoung { young[packet.fingerprint] = sending } else { old[packet.fingerprint] = sending }
        let isOvertaken = sending.deliveries == 1 && sending.number < latestDelivered
        latestDelivered = max(latestDelivered, sending.number)
        change(sending.time) { counts in
            guard sending.deliveries == 1 else {
                counts.duplicated += 1
                return
            }
            counts.delivered += 1
            counts.bytesDelivered += packet.length
            if isOvertaken { counts.overtaken += 1 }
            if packet.carriesData { counts.dataDelivered += 1 }
            if packet.isReset { return }
            counts.timed += 1
            let delay = max(0, time - sending.time)
            counts.leastDelay = min(counts.leastDelay, delay)
            counts.sumOfDelays += delay
            counts.mostDelay = max(counts.mostDelay, delay)
        }
    }

    /// What became of the packets sent between two instants: of the slices that lie wholly between them.
    public func counts(after start: Int64, before end: Int64) -> Counts {
        var sum = Counts()
        for (number, counts) in slices where number * Self.slice >= start && (number + 1) * Self.slice <= end {
            sum.add(counts)
        }
        return sum
    }

    private mutating func change(_ time: Int64, _ body: (inout Counts) -> Void) {
        let number = time >= 0 ? time / Self.slice : (time + 1) / Self.slice - 1
        body(&slices[number, default: Counts()])
    }
}
