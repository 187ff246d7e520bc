import Notation
import Testing

@Suite struct NotationTests {
    static func edn(_ text: String) throws -> [Datum] {
        try Array(text.utf8).withUnsafeBytes { bytes throws -> [Datum] in
            var reader = EDNReader(bytes)
            var result: [Datum] = []
            while let next = try reader.next() { result.append(next) }
            return result
        }
    }

    static func fault(edn text: String) -> NotationFault? {
        do { _ = try edn(text) } catch { return error as? NotationFault }
        return nil
    }

    @Test func everyKindOfEDN() throws {
        let read = try Self.edn(
            """
            nil true -12 +3 1.5e3 7N 2.50M 1/3 :a/b sym "q\\"\\n\\u00e9" \\newline ; a comment
            [1 (2 #{3})] {:k 1, "s" [nil]} #inst "2020" #_ dropped #_[1 2] ^:meta x ##Inf #ns.Op{:f :read}
            """)
        #expect(
            read == [
                .null, .boolean(true), .integer(-12), .integer(3), .number("1.5e3"), .integer(7), .number("2.50"),
                .symbol("1/3"), .keyword("a/b"), .symbol("sym"), .string("q\"\né"), .string("newline"),
                .list([.integer(1), .list([.integer(2), .set([.integer(3)])])]),
                .map([.init(.keyword("k"), .integer(1)), .init(.string("s"), .list([.null]))]),
                .tagged("inst", .string("2020")), .symbol("x"), .symbol("##Inf"),
                .tagged("ns.Op", .map([.init(.keyword("f"), .keyword("read"))])),
            ])
    }

    @Test(arguments: [
        ("[1\n2", 1, "without an end"), ("{:a\n}", 2, "without a value"), ("\n\"abc", 2, "without an end"),
        ("1\n)", 2, "a value"), ("\"\\x\"", 1, "escape"), ("12ab", 1, "no number"), (":", 1, "keyword"),
        ("\"\\ud800\"", 1, "surrogate"),
    ]) func faultsNameTheLine(text: String, line: Int, reason: String) throws {
        let fault = try #require(Self.fault(edn: text))
        #expect(fault.line == line && fault.reason.contains(reason), "\(fault)")
    }

    @Test func depthIsLimited() {
        for (open, close) in [("[", "]"), ("(", ")"), ("#{", "}"), ("{1 ", "}"), ("#a ", ""), ("^", ""), ("#_", "")] {
            let deep = String(repeating: open, count: 100_000) + "1" + String(repeating: close, count: 100_000)
            #expect(Self.fault(edn: deep) != nil, "\(open)")
        }
        let deep = String(repeating: "[", count: 100_000)
        #expect(JSONReader.value(of: deep) == nil)
        #expect(JSONReader.value(of: String(repeating: "{\"a\":", count: 100_000)) == nil)
    }

    @Test func everyKindOfJSON() {
        let text = "{\"a\":[1,-2.5e3,true,null,\"\\u00e9\\ud83d\\ude00\\/\"],\"b\":{}}"
        let value = JSONReader.value(of: text)
        #expect(value?["a"]?.elements?.last == .string("é😀/"))
        #expect(value?.json == "{\"a\":[1,-2.5e3,true,null,\"é😀/\"],\"b\":{}}")
        for bad in ["{", "[1,]", "{\"a\" 1}", "nul", "[1 2]", "\"\\ud800\"", "1 2", "", "{a:1}"] {
            #expect(JSONReader.value(of: bad) == nil, "\(bad)")
        }
    }

    /// What is written is read as the same value.
    @Test func ednRoundTrip() throws {
        let value = Datum.map([
            .init(.keyword("f"), .keyword("txn")),
            .init(.keyword("value"), .list([.list([.keyword("r"), .integer(3), .list([.integer(1)])]), .null])),
            .init(.string("a \"q\" \n"), .set([.integer(1), .boolean(false)])), .init(.symbol("s"), .number("1.5")),
        ])
        #expect(try Self.edn(value.edn) == [value])
    }
}
