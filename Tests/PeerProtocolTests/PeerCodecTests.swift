import Dynamo
import Fuzzing
import PeerProtocol
import Testing

@Suite("What nodes say to each other, as bytes")
struct PeerCodecTests {
    @Test("every message comes out as it went in", arguments: [UInt64(1), 2, 3, 4])
    func roundTrip(seed: UInt64) throws {
        var messages = RandomMessages(seed: seed)
        for _ in 0..<2_000 {
            let packet = PeerPacket.message(messages.message())
            let frame = try packet.frame()
            #expect(try PeerPacket(frameBody: Array(frame.dropFirst(4))) == packet)
        }
    }

    @Test("what is written by hand is what the generated code writes, byte for byte", arguments: [UInt64(5), 6])
    func handMadeFrames(seed: UInt64) throws {
        var messages = RandomMessages(seed: seed)
        for _ in 0..<2_000 {
            let packet = PeerPacket.message(messages.message())
            let reference: [UInt8] = try packet.wireForm.serializedBytes()
            let frame = try packet.frame()
            #expect(Array(frame.dropFirst(4)) == reference)
            #expect(frame.prefix(4).reduce(0) { $0 << 8 | Int($1) } == reference.count)
        }
    }

    @Test("fields that a later version might add are skipped, and half messages are none")
    func unknownFields() throws {
        var replicated = try PeerPacket.message(.replicated(request: 300, ok: true)).frame().dropFirst(4).map { $0 }
        let expected = PeerPacket.message(.replicated(request: 300, ok: true))
        // Field 15 as a varint, as eight bytes, as a block and as four bytes, within the message.
        let additions: [[UInt8]] = [
            [0x78, 0x81, 1], [0x79, 1, 2, 3, 4, 5, 6, 7, 8], [0x7A, 2, 9, 9], [0x7D, 1, 2, 3, 4],
        ]
        for addition in additions {
            replicated[1] += UInt8(addition.count)
            replicated += addition
            #expect(try PeerPacket(frameBody: replicated) == expected)
        }
        for length in 1..<replicated.count {
            #expect(throws: PeerProtocolError.self) { try PeerPacket(frameBody: Array(replicated.prefix(length))) }
        }
    }

    @Test func greetingRoundTrip() throws {
        let packet = PeerPacket.hello(PeerGreeting(node: "n1", cluster: "dyno", life: 7, attempt: 3))
        #expect(try PeerPacket(frameBody: Array(try packet.frame().dropFirst(4))) == packet)
    }

    @Test("frames are found however the stream is cut")
    func cutting() throws {
        var messages = RandomMessages(seed: 9)
        let packets = (0..<200).map { _ in PeerPacket.message(messages.message()) }
        let stream = try packets.flatMap { try $0.frame() }
        var random = SplitMix64(seed: 10)
        var cutter = FrameCutter()
        var found: [PeerPacket] = []
        var rest = stream[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(1 + Int(random.next() % 700)))
            rest = rest.dropFirst(piece.count)
            piece.withUnsafeBytes { cutter.append($0) }
            while let body = try cutter.next() { found.append(try PeerPacket(frameBody: body)) }
        }
        #expect(found == packets)
    }

    @Test("a frame that says it is too long is refused before it is read")
    func tooLong() {
        var cutter = FrameCutter(maximumLength: 1_000)
        [UInt8](arrayLiteral: 0, 0, 4, 0).withUnsafeBytes { cutter.append($0) }
        #expect(throws: PeerProtocolError.tooLong(1_024)) { try cutter.next() }
    }

    @Test("bytes that are no frame are an error")
    func refused() {
        #expect(throws: PeerProtocolError.empty) { try PeerPacket(frameBody: []) }
        #expect(throws: PeerProtocolError.malformed) { try PeerPacket(frameBody: [0xFF, 0xFF, 0xFF]) }
    }

    @Test("100,000 mutated frames: an answer or an error, never a trap", arguments: [UInt64(21), 22])
    func fuzz(seed: UInt64) throws {
        var messages = RandomMessages(seed: seed)
        var random = SplitMix64(seed: seed ^ 0xABCD)
        var understood = 0
        for _ in 0..<50_000 {
            var body = Array(try PeerPacket.message(messages.message()).frame().dropFirst(4))
            for _ in 0...(random.next() % 4) { mutate(&body, &random) }
            if let packet = try? PeerPacket(frameBody: body) {
                understood += 1
                // What was understood can be said again.
                #expect(throws: Never.self) { try packet.frame() }
            }
        }
        #expect(understood > 0)
    }

    private func mutate(_ bytes: inout [UInt8], _ random: inout SplitMix64) {
        let position = bytes.isEmpty ? 0 : Int(random.next() % UInt64(bytes.count))
        switch random.next() % 4 {
        case 0 where !bytes.isEmpty: bytes[position] ^= 1 << UInt8(random.next() % 8)
        case 1 where !bytes.isEmpty: bytes.remove(at: position)
        case 2: bytes.insert(UInt8(truncatingIfNeeded: random.next()), at: position)
        default: bytes.removeLast(bytes.count - position)
        }
    }
}
