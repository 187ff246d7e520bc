import History
import NIOCore
import NIOPosix
import RiakProtocol
import Synchronization
import Testing
import Workload

/// Whole loads against stores on the loopback address.
@Suite struct LoadRunnerTests {
    private static let group = MultiThreadedEventLoopGroup.singleton

    private static func workload(operations: Int, clients: Int) -> Workload {
        var workload = Workload(name: "load")
        workload.length = .operations(operations)
        workload.clients = clients
        workload.keys = KeySpace(count: 10)
        workload.clientTimeout = .seconds(2)
        return workload
    }

    private static func servers(_ count: Int, _ store: FakeStore) async throws -> [FakeRiak] {
        var servers: [FakeRiak] = []
        for number in 1...count { servers.append(try await FakeRiak("n\(number)", on: group) { store.answer($0) }) }
        return servers
    }

    @Test(arguments: [true, false])
    func aSoundStoreGivesASoundHistory(showsClocks: Bool) async throws {
        let servers = try await Self.servers(3, FakeStore(showsClocks: showsClocks))
        let journal = Journal()
        let runner = LoadRunner(
            workload: Self.workload(operations: 3_000, clients: 8), seed: 5, endpoints: servers.map(\.endpoint),
            sink: journal, eventLoop: Self.group.next())
        let result = await runner.runLoad()
        #expect(result.snapshot.completed == 3_000 && result.snapshot.ok == 3_000 && !result.stopped)
        #expect(result.snapshot.siblingReads > 0 && result.snapshot.latency.p50 > 0)
        #expect(result.snapshot.latency.p50 <= result.snapshot.latency.p99)
        #expect(Set(result.keysWritten).count == 10)
        try journal.history.validate(file: "test")
        let invocations = journal.events.filter { $0.type == .invoke }
        #expect(Set(invocations.compactMap(\.node)) == ["n1", "n2", "n3"])
        #expect(Set(journal.events.map(\.process)).count == 8)
        // Dots and clocks are recorded where the store shows them, and only there.
        let acknowledged = journal.completions.filter { $0.function != .get }
        #expect(acknowledged.allSatisfy { ($0.list == .absent) != showsClocks })

        let final = await runner.runFinalReads(timeout: .seconds(10))
        #expect(final.unread.isEmpty && final.ok == 20)
        let reads = journal.events.suffix(40).filter { $0.type == .invoke }
        #expect(reads.allSatisfy { $0.number == 3 && $0.function == .get })
        for key in result.keysWritten {
            #expect(Set(reads.filter { $0.key == key }.compactMap(\.node)).count == 2)
        }
        try journal.history.validate(file: "test")
        for server in servers { try await server.close() }
    }

    /// Who is told that a node leaves turns away from it before it goes, loses nothing, and finds the newcomer.
    @Test(arguments: Workload.ClientKind.allCases)
    func clientsTurnToTheNodesThatTheyAreToldOf(client: Workload.ClientKind) async throws {
        let store = FakeStore(showsClocks: true)
        let counts = Mutex([0, 0, 0])
        let hasLeft = Atomic<Bool>(false)
        let tooLate = Atomic<Int>(0)
        let (reached, signal) = AsyncStream<Void>.makeStream()
        var servers: [FakeRiak] = []
        for number in 0..<3 {
            servers.append(
                try await FakeRiak("n\(number + 1)", on: Self.group) { frame in
                    let count = counts.withLock { counts in
                        counts[number] += 1
                        return counts[number]
                    }
                    if number == 1, count == 100 { signal.finish() }
                    if number == 1, hasLeft.load(ordering: .acquiring) { tooLate.add(1, ordering: .relaxed) }
                    return RingAwareTests.answer(frame, store)
                })
        }
        var workload = Self.workload(operations: 1_000_000, clients: 8)
        workload.client = client
        let journal = Journal()
        let runner = LoadRunner(
            workload: workload, seed: 5, endpoints: servers.map(\.endpoint), absent: ["n3"], sink: journal,
            eventLoop: Self.group.next())
        async let load = runner.runLoad()
        for await _ in reached {}
        #expect(counts.withLock { $0[2] } == 0)
        await runner.turn(to: ["n1", "n3"])
        hasLeft.store(true, ordering: .releasing)
        try await servers[1].close()
        while counts.withLock({ $0[2] }) < 300 { await Task.yield() }
        runner.stop()
        let result = await load
        #expect(result.snapshot.ok == result.snapshot.completed && result.snapshot.completed > 400)
        #expect(tooLate.load(ordering: .relaxed) == 0)
        let final = await runner.runFinalReads(timeout: .seconds(10))
        #expect(final.unread.isEmpty && tooLate.load(ordering: .relaxed) == 0)
    }

    /// The checker of carts must know what each put wrote.
    @Test(arguments: [Workload.Merge.cart, .register])
    func theItemsOfACartAreRecorded(merge: Workload.Merge) async throws {
        let servers = try await Self.servers(1, FakeStore(showsClocks: true))
        let journal = Journal()
        var workload = Self.workload(operations: 300, clients: 2)
        workload.merge = merge
        let runner = LoadRunner(
            workload: workload, seed: 5, endpoints: servers.map(\.endpoint), sink: journal,
            eventLoop: Self.group.next())
        _ = await runner.runLoad()
        let puts = journal.events.filter { $0.type == .invoke && $0.function == .put }
        #expect(puts.count > 50)
        #expect(puts.allSatisfy { $0.extras.hasPrefix("\"items\":[") == (merge == .cart) })
        // What a put adds is its own id.
        let adds = puts.contains { put in put.value.map { put.extras.contains("\"\($0)\"") } ?? false }
        #expect(adds == (merge == .cart))
        for server in servers { try await server.close() }
    }

    @Test func aProcessThatEndedInInfoIsReplaced() async throws {
        let server = try await FakeRiak(on: Self.group) { frame in
            frame.code == MessageCode.getRequest.rawValue ? .frame(Frame(.getResponse)) : .disconnect
        }
        let journal = Journal()
        let runner = LoadRunner(
            workload: Self.workload(operations: 200, clients: 4), seed: 5, endpoints: [server.endpoint], sink: journal,
            eventLoop: Self.group.next())
        let result = await runner.runLoad()
        let infos = journal.completions.filter { $0.type == .info }
        #expect(infos.count > 50 && infos.allSatisfy { $0.function != .get })
        #expect(result.snapshot.retiredProcesses == infos.count)
        // No event of a process comes after its info, and each came in pairs before.
        var ended: Set<Process> = []
        var open: Set<Process> = []
        for event in journal.events {
            #expect(!ended.contains(event.process))
            if event.type == .invoke {
                #expect(open.insert(event.process).inserted)
            } else {
                #expect(open.remove(event.process) != nil)
                if event.type == .info { ended.insert(event.process) }
            }
        }
        #expect(open.isEmpty)
        try journal.history.validate(file: "test")
        try await server.close()
    }

    @Test func clientsMoveOnFromADeadNode() async throws {
        let store = FakeStore()
        let servers = try await Self.servers(2, store)
        try await servers[0].close()
        let journal = Journal()
        let runner = LoadRunner(
            workload: Self.workload(operations: 400, clients: 4), seed: 5, endpoints: servers.map(\.endpoint),
            sink: journal, eventLoop: Self.group.next())
        let result = await runner.runLoad()
        // The two clients of the dead node fail once each and then speak to the other; on a slow machine they have tried
        // their own again, which they do after 3 s.
        let failed = result.snapshot.completed - result.snapshot.ok
        #expect(result.snapshot.completed == 400 && failed >= 2 && failed < 40)
        let final = await runner.runFinalReads(timeout: .milliseconds(300))
        #expect(final.ok >= result.keysWritten.count && final.unread == result.keysWritten)
        try await servers[1].close()
    }

    @Test func clientsRestWhenNobodyIsThere() async throws {
        let server = try await FakeRiak(on: Self.group) { _ in .silence }
        try await server.close()
        let journal = Journal()
        let runner = LoadRunner(
            workload: Self.workload(operations: 10, clients: 1), seed: 5, endpoints: [server.endpoint], sink: journal,
            eventLoop: Self.group.next())
        let result = await runner.runLoad()
        #expect(journal.completions.allSatisfy { $0.type == .fail } && result.snapshot.completed == 10)
        #expect(result.duration >= .milliseconds(450))
    }

    @Test func aLoadWithoutNodesEnds() async {
        let runner = LoadRunner(
            workload: Self.workload(operations: 10, clients: 1), seed: 5, endpoints: [], sink: Journal(),
            eventLoop: Self.group.next())
        #expect(await runner.runLoad().snapshot.completed == 0)
        #expect(await runner.runFinalReads(keys: ["a"], timeout: .seconds(1)).unread == ["a"])
    }

    @Test func theRateIsKept() async throws {
        let servers = try await Self.servers(1, FakeStore())
        var workload = Self.workload(operations: 300, clients: 4)
        workload.rate = 1_000
        let runner = LoadRunner(
            workload: workload, seed: 5, endpoints: servers.map(\.endpoint), sink: Journal(),
            eventLoop: Self.group.next())
        let result = await runner.runLoad()
        #expect(result.snapshot.completed == 300)
        #expect(result.duration >= .milliseconds(290))
        try await servers[0].close()
    }

    @Test func theLoadGoesOnForAsLongAsAsked() async throws {
        let servers = try await Self.servers(1, FakeStore())
        var workload = Self.workload(operations: 1, clients: 2)
        workload.rate = 500
        let runner = LoadRunner(
            workload: workload, seed: 5, endpoints: servers.map(\.endpoint), sink: Journal(),
            eventLoop: Self.group.next())
        let result = await runner.runLoad(atLeast: .milliseconds(200))
        #expect(result.duration >= .milliseconds(200) && result.snapshot.completed >= 1)
        try await servers[0].close()
    }

    @Test func theLoadGoesOnWhileItIsHeld() async throws {
        let servers = try await Self.servers(1, FakeStore())
        let runner = LoadRunner(
            workload: Self.workload(operations: 1, clients: 2), seed: 5, endpoints: servers.map(\.endpoint),
            sink: Journal(), eventLoop: Self.group.next())
        let asked = Atomic<Int>(0)
        let result = await runner.runLoad { asked.add(1, ordering: .relaxed).newValue < 100 }
        #expect(result.snapshot.completed >= 40)
        try await servers[0].close()
    }

    @Test func aLoadStopsWhenAskedTo() async throws {
        let store = FakeStore()
        let runnerBox = Mutex<LoadRunner?>(nil)
        let count = Atomic<Int>(0)
        let server = try await FakeRiak(on: Self.group) { frame in
            if count.add(1, ordering: .relaxed).newValue == 100 { runnerBox.withLock { $0?.stop() } }
            return store.answer(frame)
        }
        let runner = LoadRunner(
            workload: Self.workload(operations: 100_000_000, clients: 4), seed: 5, endpoints: [server.endpoint],
            sink: Journal(), eventLoop: Self.group.next())
        runnerBox.withLock { $0 = runner }
        let result = await runner.runLoad()
        #expect(result.stopped && result.snapshot.inFlight == 0)
        #expect((100...104).contains(result.snapshot.completed))
        try await server.close()
    }
}
