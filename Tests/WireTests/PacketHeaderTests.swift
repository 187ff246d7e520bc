import Testing
import Wire

@Suite struct PacketHeaderTests {
    private func frame(type: [UInt8] = [0x08, 0x00], version: UInt8 = 0x45) -> [UInt8] {
        var frame = [UInt8](repeating: 0, count: 12) + type
        frame += [version, 0, 0x05, 0xDC] + [UInt8](repeating: 0, count: 8)
        frame += [10, 77, 0, 1] + [10, 77, 0, 5]
        return frame
    }

    private func parse(_ bytes: [UInt8]) -> PacketHeader? { bytes.withUnsafeBytes { PacketHeader(ethernet: $0) } }

    @Test func sourceDestinationAndLengthAreRead() {
        let header = parse(frame())
        #expect(header?.source == PacketHeader.address("10.77.0.1"))
        #expect(header?.destination == PacketHeader.address("10.77.0.5"))
        #expect(header?.length == 1500)
    }

    @Test func otherProtocolsAndCutFramesAreNone() {
        #expect(parse(frame(type: [0x86, 0xDD])) == nil)
        #expect(parse(frame(version: 0x60)) == nil)
        for count in 0..<34 { #expect(parse(Array(frame().prefix(count))) == nil) }
    }

    @Test(arguments: ["", "10.77.0", "10.77.0.256", "10.77.0.1.2", "a.b.c.d", "10..0.1"])
    func whatIsNoAddressIsNone(_ text: String) {
        #expect(PacketHeader.address(text) == nil)
    }
}
