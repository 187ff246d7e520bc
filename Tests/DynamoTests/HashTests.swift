import Causality
import Dynamo
import Testing

struct HashTests {
    /// The test suite of RFC 1321, appendix A.5.
    @Test(
        arguments: [
            ("", 0xd41d_8cd9_8f00_b204, 0xe980_0998_ecf8_427e),
            ("a", 0x0cc1_75b9_c0f1_b6a8, 0x31c3_99e2_6977_2661),
            ("abc", 0x9001_5098_3cd2_4fb0, 0xd696_3f7d_28e1_7f72),
            ("message digest", 0xf96b_697d_7cb7_938d, 0x525a_2f31_aaf1_61d0),
            ("abcdefghijklmnopqrstuvwxyz", 0xc3fc_d3d7_6192_e400, 0x7dfb_496c_ca67_e13b),
            (
                "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", 0xd174_ab98_d277_d9f5,
                0xa561_1c2c_9f41_9d9f
            ),
            (
                "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
                0x57ed_f4a2_2be3_c955, 0xac49_da2e_2107_b67a
            ),
        ] as [(String, UInt64, UInt64)])
    func referenceVectors(text: String, high: UInt64, low: UInt64) {
        #expect(Hash128.of(Array(text.utf8)) == Hash128(high: high, low: low))
    }

    @Test func piecesGiveTheSameDigest() {
        let text = (0..<300).map { UInt8(truncatingIfNeeded: $0 &* 7) }
        for length in [0, 1, 55, 56, 63, 64, 65, 128, 300] {
            for cut in stride(from: 0, through: length, by: 13) {
                var digest = MD5()
                digest.update(Array(text[..<cut]))
                digest.update(Array(text[cut..<length]))
                #expect(digest.digest() == Hash128.of(Array(text[..<length])))
            }
        }
    }

    @Test func numbersAreEightBytes() {
        var digest = MD5()
        digest.update(Array("x".utf8))
        for _ in 0..<20 { digest.update(0x0102_0304_0506_0708) }
        let bytes = Array("x".utf8) + (0..<20).flatMap { _ in [1, 2, 3, 4, 5, 6, 7, 8] as [UInt8] }
        #expect(digest.digest() == Hash128.of(bytes))
    }

    @Test func bucketAndNameDoNotRunTogether() {
        #expect(key("bc", bucket: "a").position != key("c", bucket: "ab").position)
    }

    @Test func everyPartOfAVersionCounts() {
        let dot = Dot(actor: Actor(node: "n1", incarnation: 1), counter: 2)
        let past = VersionVector(entries: [.init(actor: dot.actor, counter: 1)])
        var content = Content(value: [1])
        let base = Siblings(versions: [.init(dot: dot, clock: past, payload: content)])
        var others = [
            Siblings(),
            Siblings(versions: [.init(dot: dot, clock: VersionVector(), payload: content)]),
            Siblings(versions: [.init(dot: dot, clock: past, payload: content, tombstone: true)]),
            Siblings(versions: [.init(dot: Dot(actor: dot.actor, counter: 3), clock: past, payload: content)]),
        ]
        content.lastModified = 1
        others.append(Siblings(versions: [.init(dot: dot, clock: past, payload: content)]))
        content = Content(value: [])
        content.contentType = [1]
        others.append(Siblings(versions: [.init(dot: dot, clock: past, payload: content)]))
        #expect(Set((others + [base]).map(\.hash)).count == others.count + 1)
    }
}
