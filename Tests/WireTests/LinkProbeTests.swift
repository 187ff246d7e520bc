import Testing
import Wire

@Suite struct LinkProbeTests {
    /// Two answers for a connection that is gone are the same packet to the last bit; a third may be sent between their deliveries.
    @Test func packetsThatAreAlikeAreDeliveredInTheOrderOfTheirSending() throws {
        var probe = LinkProbe()
        let answer = try #require(Self.packet(0, payload: 0, flags: 0x10))
        probe.sent(answer, at: 100_000_000)
        probe.sent(answer, at: 105_000_000)
        probe.delivered(answer, at: 110_000_000)
        probe.sent(answer, at: 112_000_000)
        probe.delivered(answer, at: 115_000_000)
        probe.delivered(answer, at: 122_000_000)
        let counts = probe.counts(after: 0, before: 1_000_000_000)
        #expect(counts.sent == 3 && counts.delivered == 3 && counts.duplicated == 0 && counts.overtaken == 0)
        #expect(counts.leastDelay == 10_000_000 && counts.mostDelay == 10_000_000)
    }

    /// A reset that the kernel made in a node's name must not pass for one of the node's that is still under way.
    @Test func resetsSayNothingOfTheDelay() throws {
        var probe = LinkProbe()
        let reset = try #require(Self.packet(0, payload: 0, flags: 0x04))
        let data = try #require(Self.packet(1))
        probe.sent(reset, at: 100_000_000)
        probe.delivered(reset, at: 100_001_000)
        var counts = probe.counts(after: 0, before: 1_000_000_000)
        #expect((counts.delivered, counts.timed, counts.resets) == (1, 0, 1))
        #expect(!TroubleWitness(meant: .delay(30_000_000), counts: counts).isProven)
        probe.sent(data, at: 101_000_000)
        probe.delivered(data, at: 131_000_000)
        counts = probe.counts(after: 0, before: 1_000_000_000)
        #expect((counts.timed, counts.meanDelay) == (1, 30_000_000))
        #expect(TroubleWitness(meant: .delay(30_000_000), counts: counts).isProven)
    }

    /// A TCP segment from 10.77.0.1 to 10.77.0.2 whose IPv4 identification is `id`.
    static func packet(_ id: UInt16, payload: Int = 10, flags: UInt8 = 0x18) -> PacketHeader? {
        var frame = [UInt8](repeating: 0, count: 54 + payload)
        let total = 40 + payload
        frame.replaceSubrange(12..<18, with: [0x08, 0x00, 0x45, 0x00, UInt8(total >> 8), UInt8(total & 0xff)])
        frame.replaceSubrange(18..<20, with: [UInt8(id >> 8), UInt8(id & 0xff)])
        frame[23] = 6
        frame.replaceSubrange(26..<34, with: [10, 77, 0, 1, 10, 77, 0, 2])
        frame[46] = 0x50
        frame[47] = flags
        return frame.withUnsafeBytes { PacketHeader(ethernet: $0) }
    }

    private let slice = LinkProbe.slice

    /// Packets numbered from 0, sent a millisecond apart; what becomes of each: how often and how late it is delivered.
    private func probe(_ count: Int, _ fate: (Int) -> [Int64]) throws -> LinkProbe.Counts {
        var probe = LinkProbe()
        var deliveries: [(Int64, PacketHeader)] = []
        for number in 0..<count {
            let packet = try #require(Self.packet(UInt16(number)))
            let time = slice + Int64(number) * 1_000_000
            probe.sent(packet, at: time)
            for delay in fate(number) { deliveries.append((time + delay, packet)) }
        }
        for (time, packet) in deliveries.sorted(by: { $0.0 < $1.0 }) { probe.delivered(packet, at: time) }
        return probe.counts(after: slice, before: slice * 100)
    }

    @Test func lossIsWhatWasSentAndNeverDelivered() throws {
        let counts = try probe(400) { $0 % 4 == 0 ? [] : [1_000] }
        #expect((counts.sent, counts.lost, counts.duplicated, counts.overtaken) == (400, 100, 0, 0))
        #expect(TroubleWitness(meant: .loss(0.25), counts: counts).isProven)
        #expect(!TroubleWitness(meant: .loss(0.9), counts: counts).isProven)
        #expect(!TroubleWitness(meant: .delay(5_000), counts: counts).isProven)
    }

    @Test func delayIsTheLeastThatAnyPacketMet() throws {
        let counts = try probe(50) { [40_000_000 + Int64($0) * 1_000] }
        #expect(counts.leastDelay == 40_000_000 && counts.mostDelay == 40_049_000)
        #expect(TroubleWitness(meant: .delay(40_000_000), counts: counts).isProven)
        // The stamps are trusted to a hundredth of the delay, at most to a fifth of a millisecond.
        #expect(TroubleWitness(meant: .delay(40_150_000), counts: counts).isProven)
        #expect(!TroubleWitness(meant: .delay(40_300_000), counts: counts).isProven)
    }

    @Test func doublesAndOvertakenPacketsAreCounted() throws {
        let doubled = try probe(100) { $0 % 10 == 0 ? [1_000, 2_000] : [1_000] }
        #expect(doubled.duplicated == 10)
        #expect(TroubleWitness(meant: .duplicate(0.1), counts: doubled).isProven)
        let overtaken = try probe(100) { $0 % 10 == 0 ? [5_000_000] : [1_000] }
        #expect(overtaken.overtaken == 10)
        #expect(TroubleWitness(meant: .reorder(0.1), counts: overtaken).isProven)
    }

    @Test func aHalfOpenLinkLetsNoDataThrough() throws {
        var probe = LinkProbe()
        let (data, bare) = (try #require(Self.packet(1)), try #require(Self.packet(2, payload: 0, flags: 0x02)))
        probe.sent(data, at: slice)
        probe.sent(bare, at: slice + 1)
        probe.delivered(bare, at: slice + 2)
        let halfOpen = probe.counts(after: slice, before: slice * 3)
        #expect(TroubleWitness(meant: .halfOpen, counts: halfOpen).isProven)
        probe.delivered(data, at: slice + 3)
        #expect(!TroubleWitness(meant: .halfOpen, counts: probe.counts(after: slice, before: slice * 3)).isProven)
    }

    @Test func nothingSentProvesNothing() {
        let none = LinkProbe.Counts()
        for meant in [
            TroubleWitness.Meant.loss(0.1), .delay(1), .duplicate(0.1), .reorder(0.1), .rate(1), .halfOpen, .reset,
        ] {
            #expect(!TroubleWitness(meant: meant, counts: none).isProven)
        }
    }

    @Test func aResetIsTold() throws {
        let reset = try #require(Self.packet(1, payload: 0, flags: 0x14))
        #expect(reset.isReset && !reset.carriesData)
        #expect(Self.packet(1)?.fingerprint != Self.packet(2)?.fingerprint)
    }
}
