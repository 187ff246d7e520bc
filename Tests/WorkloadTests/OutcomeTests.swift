import History
import NIOCore
import NIOPosix
import RiakProtocol
import Testing
import Workload

/// What each thing that can happen to a request is recorded as (SEMANTICS section 1): `fail` only when it had no effect for
/// certain.
@Suite struct OutcomeTests {
    private static let group = MultiThreadedEventLoopGroup.singleton

    /// The answer to a get in these tests, and what the operation's completion must be.
    struct Case: Sendable, CustomTestStringConvertible {
        var what: String
        var answer: FakeRiak.Answer
        var write: EventType
        var read: EventType
        var testDescription: String { what }
    }

    static let cases: [Case] = [
        Case(what: "answered", answer: .frame(Frame(.putResponse)), write: .ok, read: .fail),
        Case(what: "disconnect before the answer", answer: .disconnect, write: .info, read: .fail),
        Case(what: "no answer in time", answer: .silence, write: .info, read: .fail),
        Case(what: "an unknown code", answer: .bytes([0, 0, 0, 1, 250]), write: .info, read: .fail),
        Case(what: "a frame of no length", answer: .bytes([0, 0, 0, 0]), write: .info, read: .fail),
        Case(what: "a frame of 4 GiB", answer: .bytes([255, 255, 255, 255, 12]), write: .info, read: .fail),
        Case(
            what: "a body that is no message", answer: .bytes([0, 0, 0, 3, 12, 0xFF, 0xFF]), write: .info, read: .fail),
        Case(what: "half an answer", answer: .bytes([0, 0, 0, 9, 12, 1]), write: .info, read: .fail),
        Case(
            what: "another protocol", answer: .bytes(Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)), write: .info,
            read: .fail),
        Case(what: "n_val", answer: .error("{n_val_violation,3}"), write: .fail, read: .fail),
        Case(what: "vnodes", answer: .error("{insufficient_vnodes,1,need,2}"), write: .fail, read: .fail),
        Case(what: "nodes", answer: .error("{insufficient_nodes,3,need,4}"), write: .fail, read: .fail),
        Case(what: "empty key", answer: .error("Key cannot be zero-length"), write: .fail, read: .fail),
        Case(what: "bucket type", answer: .error("no_type"), write: .fail, read: .fail),
        Case(what: "pw", answer: .error("{pw_val_unsatisfied,2,1}"), write: .info, read: .fail),
        Case(what: "timeout", answer: .error("timeout"), write: .info, read: .fail),
        Case(what: "overload", answer: .error("overload"), write: .info, read: .fail),
        Case(
            what: "a definite text in the middle", answer: .error("oops {n_val_violation,3}"), write: .info, read: .fail
        ),
        Case(what: "hostile text", answer: .error("\u{0}\"\\\u{7F}ü"), write: .info, read: .fail),
    ]

    /// One blind put, then one get, by one client.
    private static func load(_ mix: Workload.Mix, to endpoint: NodeEndpoint) async -> Journal {
        var workload = Workload(name: "outcome")
        workload.clients = 1
        workload.length = .operations(1)
        workload.mix = mix
        workload.clientTimeout = .milliseconds(200)
        let journal = Journal()
        let runner = LoadRunner(
            workload: workload, seed: 1, endpoints: [endpoint], sink: journal, eventLoop: group.next())
        let result = await runner.runLoad()
        #expect(result.snapshot.completed == 1 && result.snapshot.inFlight == 0)
        return journal
    }

    private static let puts = Workload.Mix(get: 0, put: 1, delete: 0, blindPercent: 100)
    private static let gets = Workload.Mix(get: 1, put: 0, delete: 0, blindPercent: 0)

    @Test(arguments: cases)
    func writesAndReads(_ expected: Case) async throws {
        let server = try await FakeRiak(on: Self.group) { _ in expected.answer }
        let put = await Self.load(Self.puts, to: server.endpoint)
        #expect(put.events.map(\.type) == [.invoke, expected.write])
        let get = await Self.load(Self.gets, to: server.endpoint)
        #expect(get.events.map(\.type) == [.invoke, expected.read])
        for journal in [put, get] {
            // What the store said must not spoil the history.
            let text = JSONLines.text(of: journal.history)
            let read = try JSONLines.parse(text, file: "test")
            #expect(read.events.count == 2)
        }
        try await server.close()
    }

    @Test func aRefusedConnectionIsFail() async throws {
        let server = try await FakeRiak(on: Self.group) { _ in .silence }
        try await server.close()
        let journal = await Self.load(Self.puts, to: server.endpoint)
        #expect(journal.events.map(\.type) == [.invoke, .fail])
        #expect(journal.events.last?.extras == "\"error\":\"not sent: no connection\"")
    }

    @Test func aGoodReadIsRecordedWithWhatItShows() async throws {
        let server = try await FakeRiak(on: Self.group) { _ in
            var response = RpbGetResp()
            var content = RpbContent()
            content.value = .init("3-4|items|...".utf8)
            content.dot.actor = .init("n2".utf8)
            content.dot.counter = 7
            var entry = DynoDot()
            entry.actor = .init("n1".utf8)
            entry.counter = 5
            content.clock = [entry]
            var tombstone = RpbContent()
            tombstone.value = .init("5-6".utf8)
            tombstone.deleted = true
            var nameless = RpbContent()
            nameless.value = .init()
            nameless.deleted = true
            response.content = [content, tombstone, nameless]
            response.vclock = .init([1])
            return (try? Frame(.getResponse, response)).map { .frame($0) } ?? .disconnect
        }
        let journal = await Self.load(Self.gets, to: server.endpoint)
        #expect(
            journal.events.last?.list
                == .versions([
                    VersionDraft(
                        id: "3-4", dot: DotDraft(actor: "n2", counter: 7), clock: [DotDraft(actor: "n1", counter: 5)]),
                    VersionDraft(id: "5-6", tombstone: true),
                ]))
        #expect(journal.events.first?.node == "n1")
        try await server.close()
    }
}
