import Causality
import Dynamo
import Simulation
import Testing

/// One key in a small cluster, step by step.
struct Bench {
    var cluster: Cluster
    let key: Key
    /// The key's preference list: three homes, then fallbacks.
    let order: [String]

    /// - Parameter nodes: N is 3.
    init(nodes: Int = 5, seed: UInt64 = 1, name: String = "k", configure: (inout Cluster.Settings) -> Void = { _ in })
        throws
    {
        var settings = Cluster.Settings(nodes: nodes)
        settings.seed = seed
        settings.configuration.partitions = 16
        configure(&settings)
        cluster = try Cluster(settings)
        key = DynamoTests.key(name)
        let replica = try #require(cluster.replica("n1"))
        order = replica.ring.preferenceList(replica.partition(of: key))
        cluster.run(for: 500_000_000)
    }

    /// Puts a value and waits for the answer, three seconds at most.
    mutating func put(
        _ value: String, at node: String, context: VersionVector = VersionVector(), tombstone: Bool = false,
        _ change: (inout PutRequest) -> Void = { _ in }
    ) -> ClientReply? {
        var request = PutRequest(
            key: key, context: context, content: Content(value: Array(value.utf8)), tombstone: tombstone)
        change(&request)
        return wait(for: cluster.put(request, at: node))
    }

    mutating func get(at node: String, _ change: (inout GetRequest) -> Void = { _ in }) -> ClientReply? {
        var request = GetRequest(key: key)
        change(&request)
        return wait(for: cluster.get(request, at: node))
    }

    mutating func wait(for request: RequestID?) -> ClientReply? {
        guard let request else { return nil }
        for _ in 0..<3000 {
            if let answer = cluster.takeReplies().first(where: { $0.request == request }) { return answer.reply }
            cluster.run(for: 1_000_000)
        }
        return nil
    }

    /// The values that a node stores for the key, as home.
    func stored(_ node: String) -> [String] {
        ((try? cluster.replica(node)?.store.object(key)) ?? nil)?.values ?? []
    }

    /// The values of the hint that a node holds for a home.
    func hinted(_ node: String, for home: String) -> [String] {
        ((try? cluster.replica(node)?.store.hint(key, home: home)) ?? nil)?.siblings.values ?? []
    }

    /// Crashes nodes and lets the others notice.
    mutating func crash(_ nodes: some Sequence<String>) {
        for node in nodes { cluster.crash(node) }
        cluster.run(for: 1_500_000_000)
    }
}

extension SiblingSet where Payload == Content {
    /// The values stored, sorted; a tombstone is `†`.
    var values: [String] {
        versions.map { $0.tombstone ? "†" : String(decoding: $0.payload.value, as: UTF8.self) }.sorted()
    }
}

extension ClientReply {
    /// What a get found.
    var siblings: Siblings? {
        switch self {
        case .got(let siblings): siblings
        case .put(_, _, let siblings): siblings
        case .bucketSet, .failed: nil
        }
    }

    var failure: RequestFailure? { if case .failed(let failure) = self { failure } else { nil } }

    var dot: Dot? { if case .put(let dot, _, _) = self { dot } else { nil } }
}
