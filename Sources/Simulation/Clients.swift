import Causality
import Dynamo

/// What the simulated clients do.
public struct ClientMix: Hashable, Sendable {
    public var clients = 8
    public var keys = 12
    public var bucket = Array("bucket".utf8)
    /// Of a hundred operations: gets and deletes; the others are puts.
    public var getsPerCent = 40
    public var deletesPerCent = 8
    /// Of a hundred puts: those that pass no context back.
    public var blindPerCent = 20
    /// The longest pause between two operations of a client, in nanoseconds.
    public var longestPause: Int64 = 40_000_000

    public init() {}
}

/// Random clients: each has one operation in flight, remembers what it read last of each key, and writes down what
/// happens.
struct Clients {
    private struct Client {
        var process: Int
        var next: Instant = 0
        /// The request in flight and the index of its operation.
        var open: (request: RequestID, operation: Int, life: Int)?
        var read: [Key: Siblings] = [:]
    }

    let mix: ClientMix
    private var clients: [Client]
    private var generator: SplitMix64
    private var nextValue = 1
    private var clock = 0
    private(set) var history: [Operation] = []
    private(set) var processes: Int

    init(_ mix: ClientMix, generator: SplitMix64) {
        self.mix = mix
        self.generator = generator
        processes = mix.clients
        clients = (0..<mix.clients).map { Client(process: $0) }
    }

    /// When the next client wants to do something; nil while all wait for answers.
    var nextWish: Instant? { clients.filter { $0.open == nil }.map(\.next).min() }

    /// Every client whose pause is over does something.
    mutating func act(on cluster: inout Cluster) {
        for client in clients.indices where clients[client].open == nil && clients[client].next <= cluster.now {
            clients[client].next = cluster.now + Int64.random(in: 1...max(1, mix.longestPause), using: &generator)
            invoke(client, on: &cluster)
        }
    }

    /// Takes the answers, and gives up on nodes that died.
    mutating func hear(_ cluster: inout Cluster) {
        for (request, reply) in cluster.takeReplies() {
            guard let client = clients.firstIndex(where: { $0.open?.request == request }) else { continue }
            complete(client, reply, at: cluster.now)
        }
        for client in clients.indices {
            guard let open = clients[client].open, cluster.life(history[open.operation].node) != open.life else {
                continue
            }
            abandon(client)
        }
    }

    private mutating func invoke(_ client: Int, on cluster: inout Cluster) {
        let name = Array("key\(Int.random(in: 0..<mix.keys, using: &generator))".utf8)
        let key = Key(bucket: mix.bucket, name: name)
        let node = cluster.members[Int.random(in: 0..<cluster.members.count, using: &generator)]
        let dice = Int.random(in: 0..<100, using: &generator)
        clock += 1
        var operation = Operation(process: clients[client].process, kind: .get, key: key, node: node, invoked: clock)
        let request: RequestID?
        if dice < mix.getsPerCent {
            request = cluster.get(GetRequest(key: key), at: node)
        } else {
            let isDelete = dice < mix.getsPerCent + mix.deletesPerCent
            let isBlind = !isDelete && Int.random(in: 0..<100, using: &generator) < mix.blindPerCent
            let read = isBlind ? Siblings() : clients[client].read[key] ?? Siblings()
            operation.kind = isDelete ? .delete : .put
            operation.seen = read.versions.compactMap(\.id)
            operation.value = nextValue
            nextValue += 1
            let content = Content(value: Array("\(operation.value)".utf8))
            request = cluster.put(
                PutRequest(key: key, context: read.context, content: content, tombstone: isDelete), at: node)
        }
        // A node that is down refuses the connection: no operation.
        guard let request else { return }
        clients[client].open = (request, history.count, cluster.life(node))
        history.append(operation)
    }

    private mutating func complete(_ client: Int, _ reply: ClientReply, at now: Instant) {
        guard let open = clients[client].open else { return }
        clock += 1
        let key = history[open.operation].key
        history[open.operation].completed = clock
        history[open.operation].outcome = reply.outcome
        switch reply {
        case .got(let siblings):
            history[open.operation].found = siblings
            clients[client].read[key] = siblings
        case .put(let dot, let past, _):
            history[open.operation].dot = dot
            history[open.operation].clock = past
            clients[client].read[key] = nil
        case .bucketSet, .failed: break
        }
        clients[client].open = nil
        if history[open.operation].outcome == .info { renew(client) }
    }

    private mutating func abandon(_ client: Int) {
        clients[client].open = nil
        renew(client)
    }

    /// A process whose operation ended unknown does nothing more: another takes its place.
    private mutating func renew(_ client: Int) {
        clients[client].process = processes
        clients[client].read = [:]
        processes += 1
    }
}
