/// Operations of clients on linearizable registers, for measurements: the same for the same seed.
public struct SyntheticOperations {
    public enum Mix: Sendable {
        /// Reads, writes and compare-and-sets of five values.
        case compareAndSet
        /// The same, those compare-and-sets left out that found another value: as in histories that say no more of them
        /// than that they failed.
        case appliedCompareAndSet
        /// Reads, and writes of values that were never written before.
        case uniqueValues
    }

    private var operations = Operations()
    private var state: UInt64
    private var written: Int64 = 0

    /// A client between two of its operations, or within one.
    private struct Client {
        enum Stage { case idle, thinking, begun, done }
        var stage = Stage.idle
        var group = 0
        var kind = OperationKind.read
        var first: Int64 = 0
        var second: Int64 = 0
    }

    private init(seed: UInt64) { state = seed }

    /// `count` operations on each of `groups` registers. With `shared` clients each of them goes from register to
    /// register; else each register has clients of its own. About half of the clients are within an operation.
    public static func make(
        _ mix: Mix, count: Int, groups: Int, clients: Int, shared: Bool, seed: UInt64
    ) -> Operations {
        var made = SyntheticOperations(seed: seed)
        made.operations.reserve(count * groups)
        if shared {
            made.run(mix, count * groups, 0..<groups, clients)
        } else {
            for group in 0..<groups { made.run(mix, count, group..<(group + 1), clients) }
        }
        made.operations.seal()
        return made.operations
    }

    private mutating func below(_ bound: Int) -> Int {
        state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
        return Int((state >> 33) % UInt64(bound))
    }

    /// Plays the clients until `count` operations have ended, then replays the events into the columns, since an
    /// operation is told with its answer when it begins.
    private mutating func run(_ mix: Mix, _ count: Int, _ groups: Range<Int>, _ clients: Int) {
        var values = [Int64](repeating: Operations.initialValue, count: groups.count)
        var seats = [Client](repeating: Client(), count: clients)
        var events: [(isEnd: Bool, operation: Int)] = []
        var told: [Client] = []
        var current = [Int](repeating: 0, count: clients)
        var ended = 0
        while ended < count {
            let seat = below(clients)
            switch seats[seat].stage {
            case .idle: seats[seat].stage = .thinking
            case .thinking:
                guard told.count < count else { continue }
                seats[seat] = intention(mix, groups.lowerBound + below(groups.count))
                current[seat] = told.count
                events.append((false, told.count))
                told.append(seats[seat])
            case .begun:
                answer(&seats[seat], &values[seats[seat].group - groups.lowerBound])
                told[current[seat]] = seats[seat]
            case .done:
                seats[seat].stage = .idle
                events.append((true, current[seat]))
                ended += 1
            }
        }
        var numbers = [Int32](repeating: 0, count: told.count)
        for event in events {
            let operation = told[event.operation]
            if mix == .appliedCompareAndSet, operation.kind == .refusedCas { continue }
            if event.isEnd {
                operations.end(numbers[event.operation])
            } else {
                numbers[event.operation] = operations.begin(
                    group: operation.group, operation.kind, operation.first, operation.second)
            }
        }
    }

    private mutating func intention(_ mix: Mix, _ group: Int) -> Client {
        var client = Client(stage: .begun, group: group)
        let choice = below(3)
        switch mix {
        case .compareAndSet, .appliedCompareAndSet:
            client.kind = choice == 0 ? .read : choice == 1 ? .write : .cas
            client.first = Int64(1 + below(5))
            client.second = Int64(1 + below(5))
        case .uniqueValues:
            client.kind = choice == 0 ? .write : .read
            written += 1
            client.first = written
        }
        return client
    }

    /// Does what the client began. A compare-and-set that finds another value says so.
    private func answer(_ client: inout Client, _ value: inout Int64) {
        client.stage = .done
        switch client.kind {
        case .read: client.first = value
        case .write:
            client.second = 0
            value = client.first
        default:
            if value == client.first { value = client.second } else { client.kind = .refusedCas }
        }
    }
}
