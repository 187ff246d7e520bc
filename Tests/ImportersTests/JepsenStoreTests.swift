import Checkers
import Foundation
import Fuzzing
import History
import Importers
import Testing

/// Store files of Jepsen. Those in `Fixtures` hold what the Fressian library of Clojure wrote.
@Suite struct JepsenStoreTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .appendingPathComponent("Fixtures")

    private static func bytes(_ name: String) throws -> [UInt8] {
        [UInt8](try Data(contentsOf: fixtures.appendingPathComponent(name)))
    }

    private static func read(_ name: String) throws -> History {
        let history = try HistorySource.read(path: fixtures.appendingPathComponent(name).path)
        try history.validate(file: name)
        return history
    }

    static func failure(_ bytes: [UInt8]) -> HistoryError? {
        do throws(HistoryError) {
            _ = try ImportedBytes.parse(bytes, file: "h")
            return nil
        } catch { return error }
    }

    @Test func whatATestLeavesBehind() throws {
        let history = try Self.read("register.jepsen")
        #expect(history.header.name == "etcd-register")
        let lines = ImportTests.lines(history)
        #expect(lines.count == 15)
        #expect(lines[0] == #"{"time":300000007,"process":"nemesis","type":"info","f":"start-partition"}"#)
        // A pair that carries its key is told from a list of two.
        #expect(
            lines[1] == #"{"time":600000014,"process":0,"type":"invoke","f":"write","key":"7","value":1}"#)
        #expect(
            lines[2] == #"{"time":900000021,"process":1,"type":"invoke","f":"cas","key":"8","value":[0,5]}"#)
        let nemesis =
            #"{"time":1200000028,"process":"nemesis","type":"info","f":"start-partition","#
            + #""clock-offsets":{"n1":-1.5,"n2":0.0},"value":["isolated",{"n1":["n2","n3"]}]}"#
        #expect(lines[3] == nemesis)
        #expect(lines[5].contains(#""error":["timeout","größer: 日本 😀"]"#))
        #expect(lines[9].contains(#""exception":{"cause":"reset","at":"1970-01-01T00:00:00Z"}"#))
        for part in [
            #""final?":true"#, #""big":123456789012345678901234567890"#, #""ratio":"1/3""#, #""dec":150e-2"#,
            #""c":"x""#, #""u":"00112233-4455-6677-8899-aabbccddeeff""#, #""set":[]"#, #""neg":-70000"#,
            #""sym":"a/b""#, #""bytes":"0102ff""#,
        ] {
            #expect(lines[13].contains(part), "\(part) in \(lines[13])")
        }
        var options = CheckOptions()
        options.model = .casRegister
        let found = check(history, checkers: [.linearizable], options: options)[.linearizable]
        #expect(found?.validity == .invalid && found?.anomalies.first?.key == "7")
    }

    /// Operations were maps in version 0, and the whole test was one map before that.
    @Test(arguments: ["version0.jepsen", "test.fressian"]) func olderForms(name: String) throws {
        let (old, new) = (try Self.read(name), try Self.read("register.jepsen"))
        #expect(old.events.count == new.events.count)
        let (ours, theirs) = (ImportTests.lines(old), ImportTests.lines(new))
        // The members of a large map have no order.
        for index in ours.indices where index != 13 { #expect(ours[index] == theirs[index]) }
        #expect(Set(ours[13].split(separator: ",")) == Set(theirs[13].split(separator: ",")))
    }

    /// A test that was ended while it ran: what was sealed is there, and what was not is not.
    @Test func testsThatDidNotEnd() throws {
        #expect(try Self.read("running.jepsen").events.count == 9)
        let begun = Self.failure(try Self.bytes("begun.jepsen"))
        #expect(begun?.offset == 18 && begun?.reason.contains("ended before any of it was sealed") == true)
    }

    /// Every width of integers, and what is beyond them, with the text that the JVM makes of each.
    @Test func numbers() throws {
        let history = try Self.read("numbers.fressian")
        #expect(history.events.count == 263)
        for (line, index) in zip(ImportTests.lines(history), history.events.indices) {
            let parts = line.split(separator: "\"")
            let text = try #require(parts.firstIndex(of: "text").map { parts[$0 + 2] })
            let value = try #require(line.range(of: "\"value\":").map { line[$0.upperBound...].dropLast() })
            let isEqual = value == text || text.contains(".") && Double(value) == Double(text)
            #expect(isEqual, "event \(index): \(line)")
        }
    }

    /// An error that names the place, or the history as it was: never another.
    @Test func everyBitFlipped() throws {
        let whole = try Self.bytes("register.jepsen")
        let expected = ImportTests.lines(try Self.read("register.jepsen"))
        var refused = 0
        for position in whole.indices.dropFirst(6) {
            var bytes = whole
            bytes[position] ^= 1 << UInt8(position % 8)
            do throws(HistoryError) {
                let history = try ImportedBytes.parse(bytes, file: "h")
                #expect(ImportTests.lines(history) == expected, "byte \(position)")
            } catch {
                #expect(error.offset != nil && error.description.hasPrefix("h: byte "), "byte \(position)")
                refused += 1
            }
        }
        // Blocks that later ones replaced are not read, nor are the results.
        #expect(refused > whole.count / 3)
    }

    @Test func everyLength() throws {
        let whole = try Self.bytes("register.jepsen")
        for length in 6..<whole.count { #expect(Self.failure(Array(whole[..<length]))?.offset != nil, "\(length)") }
    }

    @Test func chunks() throws {
        let four = StoreSample.Block(2, type: 4, Self.operations(4))
        let two = StoreSample.Block(3, type: 4, Self.operations(2))
        func file(_ count: UInt64, _ chunks: [(first: UInt64, block: UInt32)]) -> [UInt8] {
            StoreSample.file(history: [.init(1, type: 5, StoreSample.vector(count: count, chunks)), four, two])
        }
        #expect(try ImportedBytes.parse(file(6, [(0, 2), (4, 3)]), file: "h").events.count == 6)
        #expect(try ImportedBytes.parse(file(0, []), file: "h").events.isEmpty)
        let nested = StoreSample.file(history: [
            .init(1, type: 5, StoreSample.vector(count: 6, [(0, 4), (4, 3)])),
            .init(4, type: 5, StoreSample.vector(count: 4, [(0, 2)])), four, two,
        ])
        #expect(try ImportedBytes.parse(nested, file: "h").events.count == 6)
        let cases: [([UInt8], String)] = [
            (file(7, [(0, 2), (4, 3)]), "7 elements are promised, and 6 are there"),
            (file(6, [(0, 2), (5, 3)]), "a chunk does not begin with element 4"),
            (file(4, [(0, 8)]), "there is no block with the number 8"),
            (file(0, [(0, 1)]), "the block is no vector"),
            (file(9, [(0, 9)]), "the history is no list"),
            (StoreSample.file(root: 0, []), "no test is in the file"),
            (StoreSample.file(root: 2, version: 2, [four]), "version 2"),
            (StoreSample.file(root: 2, [.init(2, type: 2, [0xC0, 0xE4])]), "the test in the file has no history"),
            (StoreSample.file(root: 2, [.init(2, type: 9, [])]), "the type 9 of a block is not known"),
            (StoreSample.file(root: 2, [.init(2, type: 3, [0, 0, 0, 2, 0xC0, 0xE4])]), "go round in a circle"),
        ]
        for (bytes, reason) in cases {
            let error = Self.failure(bytes)
            #expect(error?.offset != nil && error?.reason.contains(reason) == true, "\(reason): \(error as Any)")
        }
    }

    /// The test may be a map in two parts.
    @Test func partialMaps() throws {
        var rest = FressianWriter()
        rest.map(1)
        rest.string("history")
        rest.tag("block-ref", fields: 1)
        rest.integer(3)
        let bytes = StoreSample.file(
            root: 1,
            [
                .init(1, type: 3, [0, 0, 0, 2, 0xC0, 0xE4]), .init(2, type: 3, [0, 0, 0, 0] + rest.bytes),
                .init(3, type: 2, [0xE4]),
            ])
        #expect(try ImportedBytes.parse(bytes, file: "h").events.isEmpty)
    }

    /// Invocations of so many processes, without answers.
    private static func operations(_ count: Int) -> [UInt8] {
        var writer = FressianWriter()
        for index in 0..<count {
            writer.tag("jepsen.history.Op", fields: 7)
            writer.integer(Int64(index))
            writer.integer(Int64(index))
            writer.keyword("info", isCached: true)
            writer.keyword("nemesis")
            writer.keyword("kill", isCached: true)
            writer.null()
            writer.null()
        }
        return writer.bytes
    }
}
