import Causality
import Dynamo
import Foundation
import Fuzzing
import PeerProtocol
import RiakProtocol
import Testing
import Wire

/// What the witness reads of a message is what the protocols' own decoders read.
@Suite struct SightingTests {
    private func print(_ key: Key, _ dot: Dot) -> UInt64 {
        key.bucket.withUnsafeBufferPointer { bucket in
            key.name.withUnsafeBufferPointer { name in
                let hash = WritePrint.key(bucket: bucket, name: name)
                return Array(dot.actor.node.utf8).withUnsafeBufferPointer {
                    WritePrint.write(
                        key: hash, node: $0, incarnation: dot.actor.incarnation, counter: dot.counter)
                }
            }
        }
    }

    private func print(_ key: UInt64, _ dot: PeerSighting.SeenDot) -> UInt64 {
        WritePrint.write(key: key, node: dot.node, incarnation: dot.incarnation, counter: dot.counter)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4])
    func peerMessages(seed: UInt64) throws {
        var messages = RandomMessages(seed: seed)
        for _ in 0..<3_000 {
            let message = messages.message()
            let frame = try PeerPacket.message(message).frame()
            #expect(frame.withUnsafeBytes { PeerSighting.isBegin($0) })
            try Array(frame.dropFirst(4)).withUnsafeBufferPointer { body in
                let kind = try #require(PeerSighting.kind(UnsafeRawBufferPointer(body)), "\(message)")
                #expect(kind.group != "client")
                check(message, kind, body)
            }
        }
    }

    private func check(_ message: Message, _ kind: WireKind, _ body: PeerSighting.Bytes) {
        switch message {
        case .replicate(let request, let key, let siblings, _):
            var writes: [UInt64] = []
            let seen = Array("n1".utf8).withUnsafeBufferPointer { name in
                PeerSighting.replicate(body, by: name) { writes.append($0) }
            }
            #expect(seen == request && kind.name == "replicate")
            #expect(writes == siblings.versions.map(\.dot).filter { $0.actor.node == "n1" }.map { print(key, $0) })
        case .replicated(let request, let ok), .handedOff(let request, let ok):
            let seen = PeerSighting.answer(body)
            #expect(seen?.request == request && seen?.ok == ok)
        case .forwardPut(let request, let put):
            let seen = PeerSighting.forwardPut(body)
            let dot = Dot(actor: Actor(node: "n1", incarnation: 1), counter: 1)
            #expect(seen?.request == request)
            Array("n1".utf8).withUnsafeBufferPointer { name in
                #expect(
                    seen.map { print($0.key, .init(node: name, incarnation: 1, counter: 1)) } == print(put.key, dot))
            }
        case .forwarded(let request, .put(let dot, _, _)):
            let seen = PeerSighting.forwarded(body)
            #expect(seen?.request == request && seen?.dot.counter == dot.counter)
            #expect(seen?.dot.incarnation == dot.actor.incarnation)
            #expect(seen.map { String(decoding: $0.dot.node, as: UTF8.self) } == dot.actor.node)
        case .forwarded: #expect(PeerSighting.forwarded(body) == nil)
        case .repair(_, _, let objects, _): #expect(PeerSighting.objects(body) == objects.count)
        default: break
        }
    }

    @Test func clientPuts() throws {
        for (w, dw, n, needed) in [
            (nil, nil, nil, 2), (UInt32(1), nil, nil, 1), (3, nil, nil, 3), (QuorumWord.all, nil, nil, 3),
            (QuorumWord.quorum, nil, nil, 2), (QuorumWord.byDefault, nil, nil, 2), (1, UInt32(3), nil, 3),
            (QuorumWord.all, nil, UInt32(2), 2),
        ] as [(UInt32?, UInt32?, UInt32?, Int)] {
            var put = RpbPutReq()
            put.bucket = Data("dyno".utf8)
            put.key = Data("cart-7".utf8)
            put.vclock = Data([1, 2, 3])
            put.content.value = Data("3-41|milk|......".utf8)
            if let w { put.w = w }
            if let dw { put.dw = dw }
            if let n { put.nVal = n }
            put.clocks = true
            let frame = try Frame(.putRequest, put).bytes
            #expect(frame.withUnsafeBytes { ClientSighting.isBegin($0) })
            let seen = try #require(
                Array(frame.dropFirst(5)).withUnsafeBufferPointer {
                    ClientSighting.write($0, isDelete: false, n: 3)
                })
            #expect(seen.id == "3-41")
            #expect(seen.needed(store: 2) == needed)
            if w == nil { #expect(seen.needed(store: nil) == nil) }
        }
    }

    @Test func clientDeletesAndAnswers() throws {
        var delete = RpbDelReq()
        (delete.bucket, delete.key, delete.tag) = (Data("dyno".utf8), Data("k".utf8), Data("9-1".utf8))
        (delete.type, delete.rw) = (Data("default".utf8), 3)
        let seen = try #require(
            Array(try delete.serializedData()).withUnsafeBufferPointer {
                ClientSighting.write($0, isDelete: true, n: 3)
            })
        #expect(seen.id == "9-1" && seen.needed(store: 2) == 3)
        var put = RpbPutReq()
        (put.bucket, put.key) = (Data("dyno".utf8), Data("k".utf8))
        put.content.value = Data("9-2".utf8)
        let same = try #require(
            Array(try put.serializedData()).withUnsafeBufferPointer {
                ClientSighting.write($0, isDelete: false, n: 3)
            })
        #expect(seen.key == same.key, "a bucket of the default type is the same however it is named")
        delete.w = QuorumWord.byDefault
        let plain = Array(try delete.serializedData()).withUnsafeBufferPointer {
            ClientSighting.write($0, isDelete: true, n: 3)
        }
        #expect(plain?.needed(store: 2) == 2, "a w that says default is not overruled by rw")

        var answer = RpbPutResp()
        answer.dot.actor = Data("n1.17".utf8)
        answer.dot.counter = 5
        let bytes = Array(try answer.serializedData())
        bytes.withUnsafeBufferPointer { body in
            let dot = ClientSighting.dot(body)
            #expect(dot?.incarnation == 17 && dot?.counter == 5)
            #expect(dot.map { String(decoding: $0.node, as: UTF8.self) } == "n1")
            for count in 0..<body.count { _ = ClientSighting.dot(.init(rebasing: body[..<count])) }
        }
        #expect([UInt8]().withUnsafeBufferPointer { ClientSighting.dot($0) } == nil)
    }
}

/// Whatever is captured, reading it ends well.
@Suite struct PacketFuzzTests {
    @Test(arguments: [UInt64(1), 2, 3])
    func spoiltAndTruncatedFramesAreNoTrap(seed: UInt64) throws {
        var random = Random(state: seed)
        var messages = RandomMessages(seed: seed)
        let analysis = WireAnalysis(
            WireSetting(
                nodes: (1...3).map { .init(name: "n\($0)", address: 0x0a4d_0000 + UInt32($0)) }, n: 3, w: 2))
        var sequence: UInt32 = 1
        for number in 0..<6_000 {
            let payload = number % 40 == 0 ? [] : try PeerPacket.message(messages.message()).frame()
            var frame = Segments.frame(
                from: (0x0a4d_0001, number % 3 == 0 ? 8_087 : 40_000), to: (0x0a4d_0002, 8_099), sequence: sequence,
                acknowledgement: number % 5 == 0 ? UInt32.random(in: 0...(.max), using: &random) : nil,
                flags: number % 40 == 0 ? Segments.synchronize : 0, payload: Array(payload.prefix(3_000)))
            sequence &+= UInt32(payload.count)
            for _ in 0..<Int.random(in: 0...3, using: &random) {
                frame[Int.random(in: 0..<frame.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
            }
            let count = number % 7 == 0 ? Int.random(in: 0...frame.count, using: &random) : frame.count
            frame[..<count].withUnsafeBytes {
                analysis.take(port: number % 4, time: Int64(number) * 1_000_000, length: frame.count, frame: $0)
            }
        }
        _ = analysis.takeDecided(atEnd: true)
        #expect(analysis.report.packets > 0)
    }

    @Test func headersCutAnywhereAreNoSegment() {
        let frame = Segments.frame(
            from: (1, 2), to: (3, 4), sequence: 5, acknowledgement: 6, payload: [UInt8](repeating: 1, count: 100))
        for count in 0...frame.count {
            frame[..<count].withUnsafeBytes { bytes in
                let segment = TCPSegment(ethernet: bytes, length: frame.count)
                #expect((segment != nil) == (count >= 54))
                if let segment { #expect(segment.payload.count + segment.missing == 100) }
            }
        }
    }
}
