/// Setting bucket properties, and spreading them.
extension Replica {
    /// A client's change of a bucket, waiting for the peers to know it too.
    ///
    /// A node that still went by the old properties could drop siblings that the new ones keep, so the client is told
    /// only once every peer that is not suspected has shown the same version of the catalogue, or the request has timed
    /// out.
    struct BucketSet {
        var number: UInt64
        var client: RequestID
        var durable = false
        var waitingFor: [String]
    }

    mutating func setBucket(_ bucket: [UInt8], _ properties: BucketProperties, from client: RequestID) {
        guard isUsable(properties) else {
            answer(.client(client), .failed(.storage("n must be from 1 to \(Limits.largestN)")))
            return
        }
        do {
            try take(catalog.next(bucket, properties, setBy: node))
        } catch {
            answer(.client(client), .failed(.storage("\(error)")))
            return
        }
        let peers = detector.peers
        let set = BucketSet(number: number(), client: client, waitingFor: peers.filter { !$0.suspected }.map(\.name))
        bucketSets.append(set)
        effects.append(.setTimer(.request(set.number), after: configuration.requestTimeout))
        sync(.bucketSet(set.number))
    }

    mutating func bucketSetDurable(_ number: UInt64, failure: String?) {
        guard let index = bucketSets.firstIndex(where: { $0.number == number }) else { return }
        if let failure {
            let set = bucketSets.remove(at: index)
            effects.append(.cancelTimer(.request(number)))
            answer(.client(set.client), .failed(.storage(failure)))
            return
        }
        bucketSets[index].durable = true
        for peer in detector.peers {
            tellBuckets(peer.name)
            send(
                .ping(request: self.number(), incarnation: incarnations.base, bucketsVersion: catalog.version),
                to: peer.name)
        }
        finishBucketSets()
    }

    mutating func bucketSetTimer(_ number: UInt64) {
        guard let index = bucketSets.firstIndex(where: { $0.number == number }) else { return }
        let set = bucketSets.remove(at: index)
        answer(.client(set.client), set.durable ? .bucketSet : .failed(.timeout))
    }

    /// A peer told the version of its catalogue: what it lacks is sent, and it no longer holds up a client once it has
    /// all.
    mutating func heardBucketsVersion(_ version: UInt64, from peer: String) {
        if version != catalog.version {
            tellBuckets(peer)
        } else if !bucketSets.isEmpty {
            for index in bucketSets.indices { bucketSets[index].waitingFor.removeAll { $0 == peer } }
            finishBucketSets()
        }
    }

    mutating func receiveBuckets(_ entries: [BucketEntry]) {
        let news = entries.filter { catalog.isNews($0) && isUsable($0.properties) }
        for entry in news {
            // What cannot be stored now is offered again with the next probe, since the versions still differ.
            try? take(entry)
        }
        if !news.isEmpty { sync(.nothing) }
    }

    /// A suspected peer does not hold up anybody.
    mutating func finishBucketSets() {
        let detector = detector
        let done = bucketSets.filter { $0.durable && $0.waitingFor.allSatisfy(detector.suspects) }
        for set in done {
            effects.append(.cancelTimer(.request(set.number)))
            answer(.client(set.client), .bucketSet)
        }
        bucketSets.removeAll { set in done.contains { $0.number == set.number } }
    }

    private func isUsable(_ properties: BucketProperties) -> Bool { (1...Limits.largestN).contains(properties.n ?? 1) }

    private mutating func tellBuckets(_ peer: String) {
        let all = catalog.all
        for start in stride(from: 0, to: all.count, by: Limits.bucketsPerMessage) {
            send(.buckets(Array(all[start..<min(start + Limits.bucketsPerMessage, all.count)])), to: peer)
        }
    }

    private mutating func take(_ entry: BucketEntry) throws {
        let before = n(of: entry.bucket)
        try store.putBucket(entry)
        catalog.take(entry)
        // Its keys now have other homes, and other trees.
        if n(of: entry.bucket) != before { replantForest() }
    }
}
