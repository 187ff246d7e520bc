import History
import Testing

/// A file of version 1 as it was once written: whatever becomes of the writer, it must be read as this for ever.
@Suite struct GoldenFileTests {
    private static let file = """
        8944594e0d0a1a0a01000000370000007b2264796e6f223a312c226e616d65223a22676f6c64656e222c226e6f646573
        223a5b226e31222c226e32225d2c2273656564223a377de00cb38744424c4bde000000030100000b0000000000000000
        000000e803000000000000e40c00000000000018e9293f3d281337558e3d4a035110c7e7f3bd974dc22264c1cae28165
        745348601baf11108b256e9a2cfb60d9f88108c1c222bd87f0009ec0c6d263780c473b7fc330c3fc9999ff8966933c8e
        c705318a3855a7cc7cba14790f7a0840e7fb80cf21bc84d1e178fa3a295697fb2306d429012119d82120805bd7fd305f
        32309a629473fa785350f843da54df50bf90b2dc6cdc5deab74d2f5d1a1a406251e7c3280344244b6681affcdb7fe2ff
        b0438882405649acfffd2bb6e3c1e785cd90c99c81d93301333f8b434adb58956717f13e56578beb785bb7bb26568fb1
        ee1e62d5eddaf6e90744494458010000004b000000000000000e0100000b000000e803000000000000e40c0000000000
        0000000000f910c34b590100000000000030000000000000000b0000000000000050a55f9e44454e44
        """

    private static let content = #"""
        {"dyno":1,"name":"golden","nodes":["n1","n2"],"seed":7}
        {"time":1000,"process":"controller","type":"info","f":"phase","value":"load"}
        {"time":2000,"process":0,"type":"invoke","f":"put","key":"cart-7","value":"0-1","seen":[],"node":"n1\#
        ","w":2}
        {"time":2500,"process":0,"type":"ok","f":"put","key":"cart-7","value":"0-1","dot":["n1",1],"clock":{\#
        }}
        {"time":2600,"process":0,"type":"invoke","f":"get","key":"cart-7"}
        {"time":2700,"process":"nemesis","type":"info","f":"partition","value":[["n1"],["n2"]]}
        {"time":2800,"process":0,"type":"ok","f":"get","key":"cart-7","value":[{"v":"0-1","dot":["n1",1],"cl\#
        ock":{}}]}
        {"time":2900,"process":0,"type":"invoke","f":"delete","key":"cart-7","value":"0-2","seen":["0-1"]}
        {"time":3000,"process":0,"type":"ok","f":"delete","key":"cart-7","value":"0-2","dot":["n2",1],"clock\#
        ":{"n1":1},"took":0.5}
        {"time":3100,"process":"inspector","type":"ok","f":"replica","key":"cart-7","node":"n2","home":true,\#
        "range":"r1","value":[{"v":"0-2","dot":["n2",1],"clock":{"n1":1},"tombstone":true},{"v":"é","clock":\#
        {"n2":5,"n1":3},"x":[1]}]}
        {"time":3200,"process":"inspector","type":"ok","f":"root","node":"n2","range":"r1","hash":"00ff"}
        {"time":3300,"process":"worker","type":"info","f":"note","value":{"any":null}}

        """#

    /// Version 2: times in microseconds, a repeated list, one that a client had seen, and a key filter.
    private static let second = """
        8944594e0d0a1a0a02000000370000007b2264796e6f223a312c226e616d65223a22676f6c64656e222c226e6f646573
        223a5b226e31222c226e32225d2c2273656564223a387d4baffef144424c4b6a0000008c000000090000000000000000
        000000e80300000000000028230000000000001552dafac64f86f82d8bc109c250140467f7bd243f413cd847c07f4a3d
        418fa22056e0c183fdd89365c80fee699961bec321a6dd7e1ac7d1128a0c63c392f929ddbb203d0bce5789c62ddbd655
        08fad37a7fcc8b3110c7b9469deb66f2725bcfc8915df6465bd5f2ff800421c3c0d01efc0044494458010000004b0000
        00000000009a00000009000000e8030000000000002823000000000000090000000402000041000000080161590fe500
        00000000000039000000000000000900000000000000eb907ded44454e44
        """

    private static let secondContent = #"""
        {"dyno":1,"name":"golden","nodes":["n1","n2"],"seed":8}
        {"time":1000,"process":"controller","type":"info","f":"phase","value":"load"}
        {"time":2000,"process":0,"type":"invoke","f":"put","key":"cart-7","value":"0-1","seen":[],"node":"n1","w":2}
        {"time":3000,"process":0,"type":"ok","f":"put","key":"cart-7","value":"0-1","dot":["n1",1],"clock":{}}
        {"time":4000,"process":1,"type":"invoke","f":"get","key":"cart-7"}
        {"time":5000,"process":1,"type":"ok","f":"get","key":"cart-7","value":[{"v":"0-1","dot":["n1",1],"clock":{}}]}
        {"time":6000,"process":1,"type":"invoke","f":"get","key":"cart-7"}
        {"time":7000,"process":1,"type":"ok","f":"get","key":"cart-7","value":[{"v":"0-1","dot":["n1",1],"clock":{}}]}
        {"time":8000,"process":1,"type":"invoke","f":"put","key":"cart-7","value":"1-1","seen":["0-1"]}
        {"time":9000,"process":1,"type":"ok","f":"put","key":"cart-7","value":"1-1","dot":["n2",1],"clock":{"n1":1}}

        """#

    @Test func versionTwoIsReadAsItWasWritten() throws {
        let bytes = Self.bytes(Self.second)
        #expect(text(try NativeReader.read(bytes, file: "golden.dyno")) == Self.secondContent)
        let directory = try TemporaryDirectory()
        try directory.write(bytes, to: "h.dyno")
        var blocks: [String: Int] = [:]
        for key in ["cart-7", "cart-8", "x"] {
            try HistoryFile.forEachBlock(path: directory.file("h.dyno"), where: { $0.mayHold(key: key) }) {
                (_, _) throws(HistoryError) in
                blocks[key, default: 0] += 1
                return true
            }
        }
        #expect(blocks == ["cart-7": 1])
    }

    /// Version 3: items as expected, an item less and one that nobody saw, a list that is no list of items, and acknowledgements.
    private static let third = """
        8944594e0d0a1a0a03000000370000007b2264796e6f223a312c226e616d65223a22676f6c64656e222c226e6f646573
        223a5b226e31222c226e32225d2c2273656564223a397dd6f456b844424c4b9b000000bf000000080000000000000000
        000000e803000000000000401f00000000000009035c1b1386db92258d3d0ac240108567667f5c43844804534fed82a9
        24693c8858c49022480c6cd62398c2ca637a0c37eb57cc63e07bbcef6a274cba4f8c318400b82658d09cc857a6c229e4
        5ce87726e7ecfcd9020984a0d1a38ca9dbc6797b52a0100590a485a3a5d28aca5651914d7b9f000985543a0c048080fe
        c4ada8c1268d6f9e2377ce8d8e6bf6fdd08d4fcfdcfb6e98b8bef08d0fdcf0756910a040fa0144494458010000004b00
        000000000000cb00000008000000e803000000000000401f000000000000090000000402000041000000087f6930e716
        0100000000000039000000000000000800000000000000115d620844454e44
        """

    private static let thirdContent = #"""
        {"dyno":1,"name":"golden","nodes":["n1","n2"],"seed":9}
        {"time":1000,"process":0,"type":"invoke","f":"put","key":"cart-7","value":"0-1","items":["0-1"]}
        {"time":2000,"process":0,"type":"ok","f":"put","key":"cart-7","value":"0-1"}
        {"time":3000,"process":1,"type":"invoke","f":"put","key":"cart-7","value":"1-1","seen":["0-1"],"items":["0-1","1-1"]}
        {"time":4000,"process":1,"type":"ok","f":"put","key":"cart-7","value":"1-1"}
        {"time":5000,"process":1,"type":"invoke","f":"put","key":"cart-7","value":"1-2","seen":["1-1"],"items":["1-1","9-9"]}
        {"time":6000,"process":1,"type":"fail","f":"put","key":"cart-7","value":"1-2","error":"timeout"}
        {"time":7000,"process":0,"type":"invoke","f":"put","key":"cart-7","value":"0-2","items":["b","a"]}
        {"time":8000,"process":"controller","type":"info","f":"acks","node":"n1","w":2,"acks":1,"puts":"0-1 1-1"}

        """#

    @Test func versionThreeIsReadAsItWasWritten() throws {
        #expect(text(try NativeReader.read(Self.bytes(Self.third), file: "golden.dyno")) == Self.thirdContent)
    }

    @Test func aLaterVersionIsRefused() throws {
        var bytes = Self.bytes(Self.second)
        bytes[8] = 4
        bytes.replaceSubrange(71..<75, with: StoredBlock.bytes(StoredBlock.crc(Array(bytes[..<71]))))
        let error = try #require(failure { () throws(HistoryError) in try NativeReader.read(bytes, file: "h") })
        #expect(error.reason == "version 4 of the format is not known, only 1 to 3 are")
    }

    private static func bytes(_ hexadecimal: String) -> [UInt8] {
        let digits = hexadecimal.filter { !$0.isWhitespace }.utf8.map {
            UInt8(Character(UnicodeScalar($0)).hexDigitValue ?? 0)
        }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }

    @Test func isReadAsItWasWritten() throws {
        let bytes = Self.bytes(Self.file)
        let history = try NativeReader.read(bytes, file: "golden.dyno")
        #expect(history.truncation == nil)
        #expect(text(history) == Self.content)
    }
}
