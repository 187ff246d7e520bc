import History
import Testing

@Suite struct JSONLinesTests {
    @Test func headerOnly() throws {
        let history = try JSONLines.parse(Array("{\"dyno\":1}\n".utf8), file: "h")
        #expect(history.events.isEmpty)
    }
}
