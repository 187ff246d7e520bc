import History
import NIOCore
import NIOPosix
import RiakProtocol
import Synchronization
import Testing
import Workload

/// Clients that ask where a key lives, and speak to nobody else about it.
@Suite struct RingAwareTests {
    private static let group = MultiThreadedEventLoopGroup.singleton

    private static func workload(_ operations: Int) -> Workload {
        var workload = Workload(name: "aware")
        workload.length = .operations(operations)
        workload.clients = 6
        workload.client = .ringAware
        workload.keys = KeySpace(count: 12)
        workload.clientTimeout = .seconds(2)
        return workload
    }

    /// The homes of `key-7` are n3 and n1 of four, and so on around.
    private static func homes(of key: String) -> [String] {
        let first = (Int(key.split(separator: "-").last ?? "") ?? 0) % 4
        return [first, (first + 2) % 4].map { "n\($0 + 1)" }
    }

    static func answer(_ frame: Frame, _ store: FakeStore) -> FakeRiak.Answer {
        guard frame.code == MessageCode.getPreferenceListRequest.rawValue else { return store.answer(frame) }
        guard let request = try? RpbGetBucketKeyPreflistReq(serializedBytes: frame.body) else { return .disconnect }
        var response = RpbGetBucketKeyPreflistResp()
        response.preflist = homes(of: String(decoding: request.key, as: UTF8.self)).map { name in
            var item = RpbBucketKeyPreflistItem()
            item.partition = 0
            item.node = .init(name.utf8)
            item.primary = true
            return item
        }
        return (try? Frame(.getPreferenceListResponse, response)).map { .frame($0) } ?? .disconnect
    }

    private static func servers(_ store: FakeStore) async throws -> [FakeRiak] {
        var servers: [FakeRiak] = []
        for number in 1...4 {
            servers.append(try await FakeRiak("n\(number)", on: group) { Self.answer($0, store) })
        }
        return servers
    }

    private static func load(_ servers: [FakeRiak], _ operations: Int) async -> (journal: Journal, result: LoadResult) {
        let journal = Journal()
        let runner = LoadRunner(
            workload: workload(operations), seed: 5, endpoints: servers.map(\.endpoint), sink: journal,
            eventLoop: group.next())
        return (journal, await runner.runLoad())
    }

    @Test func everyOperationGoesToAHomeOfItsKey() async throws {
        let servers = try await Self.servers(FakeStore())
        let (journal, result) = await Self.load(servers, 600)
        #expect(result.snapshot.ok == 600)
        var used: [String: Set<String>] = [:]
        for event in journal.events where event.type == .invoke {
            let key = try #require(event.key)
            used[key, default: []].insert(try #require(event.node))
        }
        // All homes are put to use, and nobody else is.
        for (key, nodes) in used { #expect(nodes == Set(Self.homes(of: key)), "\(key)") }
        try journal.history.validate(file: "test")
        for server in servers { try await server.close() }
    }

    @Test func aDeadHomeIsLeftForTheOther() async throws {
        let servers = try await Self.servers(FakeStore())
        try await servers[0].close()
        let (journal, result) = await Self.load(servers, 400)
        #expect(result.snapshot.ok > 350)
        let toTheDead = journal.events.filter { $0.type == .invoke && $0.node == "n1" }.count
        #expect(toTheDead < 40, "\(toTheDead)")
        for server in servers.dropFirst() { try await server.close() }
    }

    /// A store that does not tell is served as by any other client.
    @Test func whereNobodyTellsAnyNodeWillDo() async throws {
        let store = FakeStore()
        let server = try await FakeRiak("n1", on: Self.group) { frame in
            frame.code == MessageCode.getPreferenceListRequest.rawValue
                ? .error("Unknown message code: 33") : store.answer(frame)
        }
        let (_, result) = await Self.load([server], 100)
        #expect(result.snapshot.ok == 100)
        try await server.close()
    }
}
