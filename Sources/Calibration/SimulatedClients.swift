import Causality
import Dynamo
import Simulation
import Workload

import struct Workload.Operation

/// The clients of a workload in virtual time. The operations come from the same generator as those of a real run, and
/// are written down by the same code; a client that meets a dead node goes on to the next one, as a real one does.
struct SimulatedClients {
    /// How long a client stays away from its own node after that failed it, how long it waits for a connection, and how
    /// long it rests when it could reach no node: as the real clients do.
    private static let absence: Int64 = 3_000_000_000, connecting: Int64 = 500_000_000, rest: Int64 = 50_000_000
    /// How much of what was missed while the store answered slowly is caught up.
    private static let longestLag: Int64 = 1_000_000_000

    private struct Seat {
        var process: Int64
        let home: Int
        var node: Int
        var leftHome: Instant?
        var failures = 0
        /// When its next operation begins; nil: it has one in flight, or does no more.
        var begin: Instant?
        var open: Open?
    }

    private struct Open {
        var operation: Operation
        /// Nil: no connection comes about.
        var request: RequestID?
        /// Of the node, when the request was sent.
        var life = 0
        /// When the client gives up.
        var deadline: Instant
    }

    private let workload: Workload
    private let nodes: [String]
    private let timeout: Int64
    private let interval: Int64
    private var generator: Generator
    private var seats: [Seat]
    private var nextTicket: Instant
    /// When the load ends: by time, and by number of operations.
    private let earliestEnd: Instant, timedEnd: Instant, mostOperations: Int
    private(set) var begun = 0
    private var contexts: [VersionVector] = []
    private var written: Set<String> = []
    /// Keys in the order in which they were first written.
    private(set) var keysWritten: [String] = []
    /// Nodes that no client reaches.
    var unreachable: Set<String> = []

    init(_ workload: Workload, seed: UInt64, from start: Instant, atLeast: Int64) {
        self.workload = workload
        nodes = workload.store.nodeNames
        timeout = workload.clientTimeout.wholeNanoseconds
        interval = workload.rate.map { 1_000_000_000 / Int64(max(1, $0)) } ?? 0
        generator = Generator(workload: workload, seed: seed)
        nextTicket = start
        earliestEnd = start + atLeast
        switch workload.length {
        case .operations(let count): (timedEnd, mostOperations) = (start, count)
        case .duration(let duration): (timedEnd, mostOperations) = (start + duration.wholeNanoseconds, 0)
        }
        let count = nodes.count
        seats = (0..<workload.clients).map { Seat(process: Int64($0), home: $0 % count, node: $0 % count) }
        for seat in seats.indices { takeTicket(seat, at: start) }
    }

    /// When something is to be done that no event of the cluster brings about; nil: nothing is.
    var nextWish: Instant? { seats.lazy.compactMap { $0.begin ?? $0.open?.deadline }.min() }

    /// Whether the load is over, and every operation completed.
    var isDone: Bool { seats.allSatisfy { $0.begin == nil && $0.open == nil } }

    // MARK: What happens

    /// Does what is due.
    mutating func act(on cluster: inout Cluster, _ record: inout SimulatedRecord) {
        let now = cluster.now
        for seat in seats.indices {
            if let open = seats[seat].open {
                let died = open.request != nil && cluster.life(nodes[seats[seat].node]) != open.life
                if died || open.deadline <= now { lose(seat, open, died: died, at: now, &record) }
            }
            if let begin = seats[seat].begin, begin <= now {
                seats[seat].begin = nil
                if isOver(at: now) { continue }
                begun += 1
                perform(generator.next(process: seats[seat].process), seat, on: &cluster, &record)
            }
        }
    }

    /// Takes the answers.
    mutating func hear(_ cluster: inout Cluster, _ record: inout SimulatedRecord) {
        for (request, answer) in cluster.takeReplies() {
            guard let seat = seats.firstIndex(where: { $0.open?.request == request }), let open = seats[seat].open,
                !unreachable.contains(nodes[seats[seat].node])
            else { continue }
            complete(seat, open.operation, reply(answer, &record), at: cluster.now, &record)
        }
    }

    private func isOver(at now: Instant) -> Bool {
        now >= earliestEnd && now >= timedEnd && begun >= mostOperations
    }

    private mutating func takeTicket(_ seat: Int, at now: Instant, rest: Int64 = 0) {
        if isOver(at: now) { return seats[seat].begin = nil }
        let begin = max(nextTicket, now - Self.longestLag)
        nextTicket = begin + interval
        seats[seat].begin = max(begin, now + rest)
    }

    // MARK: One operation

    private mutating func perform(
        _ operation: Operation, _ seat: Int, on cluster: inout Cluster, _ record: inout SimulatedRecord
    ) {
        let now = cluster.now
        if let left = seats[seat].leftHome, now - left >= Self.absence {
            seats[seat].node = seats[seat].home
            seats[seat].leftHome = nil
        }
        send(operation, seat, deadline: now + timeout, on: &cluster, &record)
    }

    private mutating func send(
        _ operation: Operation, _ seat: Int, deadline: Instant, on cluster: inout Cluster,
        _ record: inout SimulatedRecord
    ) {
        let now = cluster.now
        let node = nodes[seats[seat].node]
        record.add(OperationEvents.invocation(of: operation, node: node), at: now)
        if operation.write != nil, written.insert(operation.key).inserted { keysWritten.append(operation.key) }
        var open = Open(operation: operation, deadline: deadline)
        if unreachable.contains(node) {
            open.deadline = now + Self.connecting
        } else if let request = submit(operation, to: node, &cluster) {
            open.request = request
            open.life = cluster.life(node)
        } else {
            open.deadline = now
        }
        seats[seat].open = open
    }

    private func submit(_ operation: Operation, to node: String, _ cluster: inout Cluster) -> RequestID? {
        let key = SimulatedRun.key(operation.key)
        switch operation.action {
        case .get(let r):
            var request = GetRequest(key: key)
            if let r { request.r = .count(r) }
            return cluster.get(request, at: node)
        case .put(let write), .delete(let write):
            var request = PutRequest(
                key: key, context: context(write.context), content: Content(value: write.payload),
                tombstone: operation.function == .delete)
            if let w = write.w { request.w = .count(w) }
            return cluster.put(request, at: node)
        }
    }

    /// The client heard nothing: the node died, did not take the connection, or did not answer in time.
    private mutating func lose(
        _ seat: Int, _ open: Open, died: Bool, at now: Instant, _ record: inout SimulatedRecord
    ) {
        if open.request == nil {
            seats[seat].failures += 1
            moveOn(seat, at: now)
            complete(seat, open.operation, .refused("not sent: no connection"), at: now, &record)
        } else {
            moveOn(seat, at: now)
            complete(
                seat, open.operation, .unknown(died ? "connection lost" : "timeout: no answer"), at: now, &record)
        }
    }

    private mutating func complete(
        _ seat: Int, _ operation: Operation, _ reply: Reply, at now: Instant, _ record: inout SimulatedRecord
    ) {
        let event = OperationEvents.completion(of: operation, reply)
        record.add(event, at: now)
        seats[seat].open = nil
        if case .refused = reply {} else { seats[seat].failures = 0 }
        if case .read(let answer) = reply { generator.learn(answer, from: operation) }
        if event.type == .info {
            generator.retire(process: seats[seat].process)
            seats[seat].process += Int64(seats.count)
        }
        let isStranded = seats[seat].failures >= nodes.count
        takeTicket(seat, at: now, rest: isStranded ? Self.rest : 0)
    }

    private mutating func moveOn(_ seat: Int, at now: Instant) {
        seats[seat].node = (seats[seat].node + 1) % nodes.count
        seats[seat].leftHome = seats[seat].node == seats[seat].home ? nil : now
    }

    // MARK: What the store says

    private mutating func reply(_ reply: ClientReply, _ record: inout SimulatedRecord) -> Reply {
        switch reply {
        case .got(let siblings):
            var versions: [StoredVersion] = []
            for version in siblings.versions {
                versions.append(
                    StoredVersion(
                        payload: version.payload.value, dot: record.dot(version.dot),
                        clock: record.clock(version.clock), tombstone: version.tombstone))
            }
            return .read(ReadAnswer(versions: versions, context: siblings.isEmpty ? nil : token(siblings.context)))
        case .put(let dot, let clock, _): return .written(dot: record.dot(dot), clock: record.clock(clock))
        case .bucketSet: return .unknown("no valid answer")
        case .failed(let failure):
            return reply.outcome == .fail ? .refused("\(failure)") : .unknown("\(failure)")
        }
    }

    /// A context is opaque to a client: here it is the number of one that was handed out.
    private mutating func token(_ context: VersionVector) -> [UInt8] {
        contexts.append(context)
        return Array("\(contexts.count - 1)".utf8)
    }

    private func context(_ token: [UInt8]?) -> VersionVector {
        guard let token, let number = Int(String(decoding: token, as: UTF8.self)), contexts.indices.contains(number)
        else { return VersionVector() }
        return contexts[number]
    }

    // MARK: Final reads

    /// Reads each key that was written through two different nodes, with the workload's final `r`; a read that fails is
    /// tried again, elsewhere, for at most 20 s.
    mutating func readFinally(_ cluster: inout Cluster, _ record: inout SimulatedRecord) {
        unreachable = []
        var jobs: [(key: String, node: Int)] = []
        for (place, key) in keysWritten.enumerated() {
            for copy in 0..<min(2, nodes.count) { jobs.append((key, (place + copy) % nodes.count)) }
        }
        let deadline = cluster.now + 20_000_000_000
        while !jobs.isEmpty, cluster.now < deadline {
            var failed: [(key: String, node: Int)] = []
            for batch in stride(from: 0, to: jobs.count, by: seats.count) {
                let batch = Array(jobs[batch..<min(batch + seats.count, jobs.count)])
                failed += read(batch, &cluster, &record)
            }
            jobs = failed.map { ($0.key, ($0.node + 1) % nodes.count) }
            if !jobs.isEmpty { cluster.run(for: Self.rest) }
        }
    }

    /// Reads some keys at once, each by a client of its own; those that could not be read.
    private mutating func read(
        _ jobs: [(key: String, node: Int)], _ cluster: inout Cluster, _ record: inout SimulatedRecord
    ) -> [(key: String, node: Int)] {
        _ = cluster.takeReplies()
        for (seat, job) in jobs.enumerated() {
            seats[seat].node = job.node
            let operation = Operation(
                process: seats[seat].process, key: job.key, action: .get(r: workload.finalReadR))
            send(operation, seat, deadline: cluster.now + timeout, on: &cluster, &record)
        }
        var failed: [(key: String, node: Int)] = []
        while let next = [cluster.nextEvent, seats.compactMap(\.open?.deadline).min()].compactMap({ $0 }).min(),
            seats.contains(where: { $0.open != nil })
        {
            cluster.run(until: max(next, cluster.now))
            for (request, answer) in cluster.takeReplies() {
                guard let seat = seats.firstIndex(where: { $0.open?.request == request }), seat < jobs.count,
                    let open = seats[seat].open
                else { continue }
                if case .got = answer {} else { failed.append(jobs[seat]) }
                complete(seat, open.operation, reply(answer, &record), at: cluster.now, &record)
            }
            for seat in jobs.indices {
                guard let open = seats[seat].open, open.deadline <= cluster.now else { continue }
                failed.append(jobs[seat])
                lose(seat, open, died: false, at: cluster.now, &record)
            }
        }
        return failed
    }
}
