import History
import Testing

@Suite struct HistoryFileTests {
    private let directory: TemporaryDirectory
    private let history = SyntheticHistory.generate(events: 3000, keys: 10, clients: 4, seed: 2)

    init() throws { directory = try TemporaryDirectory() }

    @Test(arguments: ["h.dyno", "h.jsonl", "h.jsonl.gz"]) func readsWhatItWrites(name: String) throws {
        try HistoryFile.write(history, to: directory.file(name))
        #expect(text(try HistoryFile.read(path: directory.file(name))) == text(history))
    }

    @Test func theFormIsToldByTheContent() throws {
        for name in ["h.dyno", "h.jsonl", "h.jsonl.gz"] {
            try HistoryFile.write(history, to: directory.file(name))
            try directory.write(directory.bytes(name), to: "raw")
            #expect(text(try HistoryFile.read(path: directory.file("raw"))) == text(history))
        }
    }

    @Test func otherNamesAreRefused() throws {
        let error = try #require(failure { () throws(HistoryError) in try HistoryFile.write(history, to: "h.edn") })
        #expect(error.reason.contains(".dyno, .jsonl, .jsonl.gz"))
    }

    @Test func whatCannotBeReadIsAnError() throws {
        let missing = try #require(
            failure { () throws(HistoryError) in try HistoryFile.read(path: directory.file("none")) })
        #expect(missing.description.contains("cannot be opened: No such file"))
        let folder = try #require(failure { () throws(HistoryError) in try HistoryFile.read(path: directory.path) })
        #expect(folder.reason.contains("directory"))
        try directory.write([], to: "raw")
        let empty = try #require(
            failure { () throws(HistoryError) in try HistoryFile.read(path: directory.file("raw")) })
        #expect(empty.line == 1)
        #expect(throws: HistoryError.self) { try HistoryFile.write(history, to: directory.path + "/none/h.dyno") }
    }

    @Test func gzipMembersFollowEachOther() throws {
        let whole = JSONLines.text(of: history)
        let (first, second) = (whole.count / 3, whole.count / 2)
        let members = [Array(whole[..<first]), Array(whole[first..<second]), [], Array(whole[second...])]
        try directory.write(members.flatMap(StoredBlock.gzip), to: "raw")
        #expect(text(try HistoryFile.read(path: directory.file("raw"))) == text(history))
        try directory.write(members.flatMap(StoredBlock.gzip) + [0], to: "raw")
        #expect(throws: HistoryError.self) { try HistoryFile.read(path: directory.file("raw")) }
    }

    @Test func gzipCutShortIsAnError() throws {
        try HistoryFile.write(history, to: directory.file("h.jsonl.gz"))
        let whole = try directory.bytes("h.jsonl.gz")
        for length in [3, 11, whole.count / 2, whole.count - 8, whole.count - 1] {
            try directory.write(Array(whole[..<length]), to: "raw")
            let error = try #require(
                failure { () throws(HistoryError) in try HistoryFile.read(path: directory.file("raw")) })
            #expect(error.reason == "the gzip stream is cut short")
        }
        var damaged = whole
        damaged[whole.count / 2] ^= 4
        try directory.write(damaged, to: "raw")
        #expect(throws: HistoryError.self) { try HistoryFile.read(path: directory.file("raw")) }
    }
}
