import Causality
import Dynamo
import DynamoNode
import Testing

@Suite("The bytes of rows and contexts")
struct CodecTests {
    @Test("siblings come out of a row as they went in", arguments: [UInt64(1), 2, 3])
    func siblings(seed: UInt64) throws {
        var objects = RandomObjects(seed: seed)
        for _ in 0..<2_000 {
            let siblings = objects.siblings()
            #expect(try SiblingsCodec.decode(SiblingsCodec.encode(siblings)) == siblings)
        }
        #expect(try SiblingsCodec.decode(SiblingsCodec.encode(Siblings())) == Siblings())
    }

    @Test("a context comes back from the client as it was given", arguments: [UInt64(1), 2, 3])
    func contexts(seed: UInt64) throws {
        var objects = RandomObjects(seed: seed)
        for _ in 0..<2_000 {
            let context = objects.context()
            #expect(try ContextCodec.decode(ContextCodec.encode(context)) == context)
        }
    }

    @Test("100,000 mutated rows: siblings or an error, never a trap")
    func rowFuzz() {
        var objects = RandomObjects(seed: 31)
        for _ in 0..<100_000 {
            var bytes = SiblingsCodec.encode(objects.siblings())
            for _ in 0...objects.int(3) { mutate(&bytes, &objects) }
            _ = try? SiblingsCodec.decode(bytes)
        }
    }

    @Test("100,000 garbled contexts: refused, every one of them")
    func contextFuzz() {
        var objects = RandomObjects(seed: 32)
        var accepted = 0
        for _ in 0..<100_000 {
            let context = objects.context()
            let original = ContextCodec.encode(context)
            var bytes = original
            for _ in 0...objects.int(2) { mutate(&bytes, &objects) }
            if bytes == original { continue }
            if (try? ContextCodec.decode(bytes)) != nil { accepted += 1 }
        }
        #expect(accepted == 0)
    }

    @Test("contexts of other stores and noise are refused")
    func foreign() {
        #expect(throws: ContextCodec.Foreign.self) { try ContextCodec.decode([]) }
        #expect(throws: ContextCodec.Foreign.self) { try ContextCodec.decode(Array("garbage".utf8)) }
        let riaks: [UInt8] = [0x6B, 0xCE, 0x61, 0x60, 0x60, 0x60, 0xCC]
        #expect(throws: ContextCodec.Foreign.self) { try ContextCodec.decode(riaks) }
    }

    private func mutate(_ bytes: inout [UInt8], _ objects: inout RandomObjects) {
        let position = bytes.isEmpty ? 0 : objects.int(bytes.count)
        switch objects.int(4) {
        case 0 where !bytes.isEmpty: bytes[position] ^= 1 << UInt8(objects.int(8))
        case 1 where !bytes.isEmpty: bytes.remove(at: position)
        case 2: bytes.insert(UInt8(objects.int(256)), at: position)
        default: bytes.removeLast(bytes.count - position)
        }
    }
}
