import Causality
import Dynamo
import Simulation
import Testing

@Suite("Listing")
struct ListingTests {
    struct NoPage: Error {}

    /// Asks for page after page until the end; `between` is called after each with the number of pages so far.
    private func list(
        _ scope: ListRequest.Scope, at node: String, in cluster: inout Cluster,
        between: (Int, inout Cluster) throws -> Void = { _, _ in }
    ) throws -> (names: [[UInt8]], pages: Int) {
        var request = ListRequest(scope)
        var names: [[UInt8]] = []
        for pages in 1...10_000 {
            guard cluster.list(request, at: node) != nil else { throw NoPage() }
            let deadline = cluster.now + 10_000_000_000
            while cluster.pages.isEmpty, cluster.now < deadline { cluster.step() }
            guard let page = try cluster.takePages().first?.page.get() else { throw NoPage() }
            names += page.names
            guard let next = page.next else { return (names, pages) }
            request.cursor = next
            try between(pages, &cluster)
        }
        throw NoPage()
    }

    private func key(_ index: Int) -> Key {
        Key(bucket: Array("b\(index % 3)".utf8), name: Array("k\(index)".utf8))
    }

    @Test("every key once, though a home dies in the middle and others are slow to be believed dead", arguments: 1...4)
    func whileHomesDie(seed: Int) throws {
        var settings = Cluster.Settings(nodes: 5)
        settings.seed = UInt64(seed)
        settings.configuration.partitions = 16
        var cluster = try Cluster(settings)
        for index in 0..<60 {
            _ = cluster.put(
                PutRequest(key: key(index), context: VersionVector(), content: Content(value: [1])),
                at: "n\(index % 5 + 1)")
            cluster.run(for: 5_000_000)
        }
        // Every home has what it should have.
        cluster.run(for: 10_000_000_000)
        let found = try list(.keys(bucket: Array("b1".utf8)), at: "n2", in: &cluster) { pages, cluster in
            if pages == 2 { cluster.crash("n1") }
        }
        let expected = (0..<60).filter { $0 % 3 == 1 }.map { key($0).name }
        #expect(found.names.count == expected.count && Set(found.names) == Set(expected))
        let buckets = try list(.buckets(type: []), at: "n3", in: &cluster)
        #expect(Set(buckets.names) == Set((0..<3).map { Array("b\($0)".utf8) }))
    }

    @Test("a partition of many keys comes in several pages, of which none repeats a key")
    func manyKeys() throws {
        var settings = Cluster.Settings(nodes: 1)
        settings.configuration.partitions = 1
        settings.configuration.n = 1
        settings.configuration.r = .one
        settings.configuration.w = .one
        var cluster = try Cluster(settings)
        for index in 0..<1_300 {
            _ = cluster.put(
                PutRequest(
                    key: Key(bucket: [1], name: Array("\(index)".utf8)), context: VersionVector(),
                    content: Content(value: [])), at: "n1")
        }
        cluster.run(for: 1_000_000_000)
        let found = try list(.keys(bucket: [1]), at: "n1", in: &cluster)
        #expect(found.names.count == 1_300 && Set(found.names).count == 1_300)
        #expect(found.pages >= 3)
    }

    @Test("a typed bucket and one without a type are stored under different names, whatever their bytes")
    func bucketNames() {
        var random = SplitMix64(seed: 1)
        var stored: [[UInt8]: BucketName] = [:]
        func bytes() -> [UInt8] {
            (0..<Int.random(in: 0...3, using: &random)).map { _ in UInt8.random(in: 0...2, using: &random) }
        }
        for _ in 0..<10_000 {
            guard let bucket = BucketName(type: bytes(), name: bytes()) else { continue }
            #expect(BucketName(stored: bucket.stored) == bucket)
            #expect(stored.updateValue(bucket, forKey: bucket.stored) ?? bucket == bucket)
        }
        #expect(BucketName(type: Array("default".utf8), name: [1])?.stored == [1])
        #expect(BucketName(type: [UInt8](repeating: 1, count: 256), name: [1]) == nil)
    }
}
