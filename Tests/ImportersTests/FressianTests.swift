import History
import Importers
import Testing

/// Single values of Fressian, byte by byte, in the place of an operation's value.
@Suite struct FressianTests {
    /// A test as one map, whose only operation has this value.
    private static func file(_ value: [UInt8]) -> [UInt8] {
        let members: [[UInt8]] = [
            string("type"), string("invoke"), string("process"), [3], string("f"), string("write"), string("value"),
            value,
        ]
        return [0xC0, 0xE6] + string("history") + [0xE5, 0xC0, 0xEC, 8] + members.flatMap { $0 }
    }

    /// Where the value begins.
    private static let start = file([]).count

    private static func string(_ text: String) -> [UInt8] { [0xE3, UInt8(text.utf8.count)] + Array(text.utf8) }

    /// The value as JSON.
    private static func value(_ bytes: [UInt8]) throws -> String {
        let history = try ImportedBytes.parse(file(bytes), file: "h")
        let line = try #require(ImportTests.lines(history).first)
        return try #require(line.range(of: "\"value\":").map { String(line[$0.upperBound...].dropLast()) })
    }

    @Test(
        arguments: [
            ([0x00], "0"), ([0x3F], "63"), ([0xFF], "-1"), ([0x50, 0xFF], "255"), ([0x4F, 0x00], "-256"),
            ([0x68, 0xFF, 0xFF], "65535"), ([0xF8, 0x80, 0, 0, 0, 0, 0, 0, 0], "-9223372036854775808"),
            ([0xF5], "true"), ([0xF6], "false"), ([0xDA], #""""#), ([0xDC, 0x68, 0x69], #""hi""#),
            ([0xFB], "0.0"), ([0xFC], "1.0"), ([0xFA, 0x40, 0x04, 0, 0, 0, 0, 0, 0], "2.5"),
            ([0xF9, 0x40, 0x20, 0, 0], "2.5"),
            ([0xFA, 0x7F, 0xF8, 0, 0, 0, 0, 0, 0], ###""##NaN""###), ([0xF9, 0xFF, 0x80, 0, 0], ###""##-Inf""###),
            ([0xE6, 1, 2], "[1,2]"), ([0xEC, 2, 1, 2], "[1,2]"), ([0xED, 1, 2, 0xFD], "[1,2]"),
            ([0xEE, 1, 0xFD], "[1]"),
            ([0xEE, 1], "[1]"), ([0xB0, 2, 1, 2], "[1,2]"), ([0xB2, 1, 0xF5], "[true]"),
            ([0xCA, 0xF7, 0xDB, 0x78], #""x""#), ([0xCA, 0xDB, 0x61, 0xDB, 0x62], #""a/b""#),
            ([0xC0, 0xE6, 0xDB, 0x61, 2], #"{"a":2}"#), ([0xC0, 0xE6, 1, 2], "[[1,2]]"), ([0xC1, 0xE6, 2, 1], "[1,2]"),
            ([0xC6, 0xD9, 9, 1, 0, 0, 0, 0, 0, 0, 0, 0], "18446744073709551616"), ([0xC6, 0xD1, 0xFF], "-1"),
            ([0xC6, 0xD0], "0"),
            ([0xC6, 0xD9, 9, 0xFF, 0, 0, 0, 0, 0, 0, 0, 0], "-18446744073709551616"), ([0xC7, 0xD1, 0x0F, 1], "15e-1"),
            ([0xD2, 0x01, 0xFF], #""01ff""#), ([0xD8, 1, 0xAA, 0xD9, 1, 0xBB], #""aabb""#),
        ] as [([UInt8], String)]) func values(bytes: [UInt8], json: String) throws
    {
        #expect(try Self.value(bytes) == json)
    }

    @Test func texts() throws {
        #expect(try Self.value([0xE2, 1, 0x61, 0xE2, 1, 0x62, 0xDB, 0x63]) == #""abc""#)
        // Both halves of the character one by one, even in two pieces.
        #expect(try Self.value([0xE3, 6, 0xED, 0xA0, 0xBD, 0xED, 0xB8, 0x80]) == #""😀""#)
        #expect(try Self.value([0xE2, 3, 0xED, 0xA0, 0xBD, 0xDD, 0xED, 0xB8, 0x80]) == #""😀""#)
        #expect(try Self.value([0xE3, 5, 0xC3, 0xA9, 0xE6, 0x97, 0xA5]) == #""é日""#)
        #expect(try Self.value([0xEF] + Self.string("char") + [1, 0x50, 0x78]) == #""x""#)
        #expect(try Self.value([0xC3, 0xD9, 16] + Array(0..<16)) == #""00010203-0405-0607-0809-0a0b0c0d0e0f""#)
    }

    @Test func caches() throws {
        #expect(try Self.value([0xE7, 0xCD, 0xDC, 0x68, 0x69, 0x80, 0xCC, 0]) == #"["hi","hi","hi"]"#)
        // What is within a cached value is numbered behind it.
        #expect(try Self.value([0xE7, 0xCD, 0xE5, 0xCD, 7, 0x80, 0x81]) == "[[7],[7],7]")
        #expect(try Self.value([0xE6, 0xCD, 7, 0xFE, 9]) == "[7,9]")
        #expect(try Self.value([0xCF, 0xCF, 0xCF, 0xCF, 0, 0, 0, 9, 0, 0, 0, 0, 5]) == "5")
        // A kind of structure that is not known here, by its number and in both spellings of that.
        let point: [UInt8] = [0xEF, 0xDC, 0x70, 0x74, 2, 1, 2]
        #expect(try Self.value([0xE7] + point + [0xA0, 3, 4, 0xF0, 0, 5, 6]) == "[[1,2],[3,4],[5,6]]")
    }

    @Test(
        arguments: [
            ([0xC2], 0, "no value begins with the byte 194"), ([0xE6, 1], 2, "the data end within a value"),
            ([0xED, 1], 2, "a list without an end"), ([0xEC, 0xFF], 1, "-1 is no count"),
            ([0xEC, 0xF8, 0x7F, 0, 0, 0, 0, 0, 0, 0], 1, "is no count"), ([0xEC, 0xDA], 1, "an integer is expected"),
            ([0xD9, 0x68, 0xFF, 0xFF], 4, "the data end within a value"),
            ([0x80], 1, "no value with the number 0"), ([0xCC, 0xFF], 2, "no value with the number -1"),
            ([0xCD, 0xE5, 0x80], 3, "no value with the number 0"),
            ([0xE6, 0xCD, 7, 0xFE, 0x80], 5, "no value with the number 0"),
            ([0xA0], 1, "no kind of structure with the number 0"),
            ([0xC0, 0xE5, 1], 3, "a key of a map without a value"),
            ([0xC0, 1], 2, "a list is expected here"), ([0xCA, 0xF7, 1], 3, "a name is no text"),
            ([0xCA, 1, 0xDB, 0x61], 4, "a namespace is no text"), ([0xC6, 1], 2, "bytes are expected here"),
            ([0xDB, 0xFF], 2, "bytes that are no text"), ([0xDB, 0xC3], 2, "bytes that are no text"),
            ([0xE2, 1, 0x61, 1], 4, "the next piece of the text is missing"),
            ([0xD8, 1, 0x61, 1], 4, "the next piece of the bytes is missing"),
        ] as [([UInt8], Int, String)]) func errors(bytes: [UInt8], offset: Int, reason: String)
    {
        let error = JepsenStoreTests.failure(Self.file(bytes))
        #expect(error?.reason.contains(reason) == true, "\(error as Any)")
        #expect(error?.offset == Self.start + offset)
    }

    /// Small files that would take all of the stack or of the memory.
    @Test(arguments: [0xE5, 0xCC, 0xCD, 0xEC, 0xD9, 0xEF, 0xF0, 0xC0, 0xCA, 0xB0, 0xC7, 0xE2, 0xFE] as [UInt8])
    func depth(code: UInt8) {
        let error = JepsenStoreTests.failure(Self.file([UInt8](repeating: code, count: 200_000)))
        #expect(error != nil)
    }

    @Test func repetitions() {
        // Each list has eight of the one before: 8 to the power of 20.
        var bytes: [UInt8] = [0xEC, 20, 0xCD, 0xEC, 8] + [UInt8](repeating: 1, count: 8)
        for level in UInt8(0)..<19 { bytes += [0xCD, 0xEC, 8] + [UInt8](repeating: 0x80 + level, count: 8) }
        #expect(JepsenStoreTests.failure(Self.file(bytes))?.reason.contains("repetitions make more") == true)
        // Each list has the one before: never deep where it is read, but as a whole.
        bytes = [0xEC, 0x51, 0x2C, 0xCD, 0xE5, 1]
        for level in 0..<299 { bytes += [0xCD, 0xE5, 0xCC, 0x50 + UInt8(level >> 8), UInt8(level & 0xFF)] }
        #expect(JepsenStoreTests.failure(Self.file(bytes))?.reason.contains("deeper than") == true)
    }
}
