import Causality
import Dynamo

/// Makes messages at random, every case and every optional part of them in turn.
package struct RandomMessages {
    package var random: SplitMix64

    package init(seed: UInt64) { random = SplitMix64(seed: seed) }

    package mutating func message() -> Message {
        let request = random.next()
        switch int(31) {
        case 0: return .replicate(request: request, key: key(), siblings: siblings(), hintFor: flag() ? node() : nil)
        case 1: return .replicated(request: request, ok: flag())
        case 2: return .fetch(request: request, key: key())
        case 3: return .fetched(request: request, siblings: flag() ? siblings() : nil, ok: flag())
        case 4: return .forwardGet(request: request, get())
        case 5: return .forwardPut(request: request, put())
        case 6: return .forwarded(request: request, reply())
        case 7: return .handoff(request: request, key: key(), siblings: siblings())
        case 8: return .handedOff(request: request, ok: flag())
        case 9:
            let positions = positions()
            return .treeHashes(
                exchange: request, partition: int(64), level: int(8), positions: positions,
                hashes: positions.map { _ in hash() })
        case 10: return .treeDiffers(exchange: request, partition: int(64), level: int(8), positions: positions())
        case 11:
            let entries = (0..<int(6)).map { _ in LeafEntry(key: key(), hash: hash()) }
            return .leafKeys(exchange: request, partition: int(64), positions: positions(), entries: entries)
        case 12:
            let objects = (0..<int(4)).map { _ in KeyedSiblings(key: key(), siblings: siblings()) }
            return .repair(
                exchange: request, partition: int(64), objects: objects, wanted: (0..<int(4)).map { _ in key() })
        case 21:
            let scope = flag() ? ListRequest.Scope.keys(bucket: key().bucket) : .buckets(type: key().name)
            return .list(
                request: request, ListQuestion(scope: scope, partition: int(64), after: flag() ? key() : nil))
        case 22:
            let answer = ListAnswer(names: [key().name, key().bucket], next: flag() ? key() : nil)
            return .listed(request: request, flag() ? answer : nil)
        case 13: return .ping(request: request, incarnation: random.next(), bucketsVersion: random.next())
        case 14:
            return .pong(
                request: request, incarnation: random.next(), bucketsVersion: random.next(),
                backlog: Backlog(partitions: int(9), surplus: int(1 << 40), hints: int(9)))
        case 23:
            let trees = positions()
            return .treeRoots(exchange: request, trees: trees, roots: trees.map { _ in hash() })
        case 24: return .rootsCompared(exchange: request, equal: positions(), differing: positions())
        case 15:
            return .reapCheck(
                round: request, membership: random.next(),
                entries: (0..<int(6)).map { _ in LeafEntry(key: key(), hash: hash()) })
        case 16: return .reapClear(round: request, positions: positions())
        case 17: return flag() ? .reapConfirm(round: request) : .flush(request: request)
        case 18: return .reapConfirmed(round: request, positions: positions())
        case 19: return .reap(entries: (0..<int(6)).map { _ in LeafEntry(key: key(), hash: hash()) })
        case 20: return .flushed(request: request)
        case 25:
            return .gossip(MembershipDigest(state: random.next(), target: random.next()), answer: flag())
        case 26, 27: return .membership(membership())
        case 28: return .offer(request: request, entries: (0..<int(6)).map { _ in LeafEntry(key: key(), hash: hash()) })
        case 29: return .offered(request: request, wanted: (0..<int(4)).map { _ in key() }, ok: flag())
        default: return .buckets((0..<int(4)).map { _ in bucket() })
        }
    }

    package mutating func siblings() -> Siblings {
        var siblings = Siblings()
        for _ in 0..<int(4) {
            let actor = actor()
            var context = VersionVector(
                entries: (0..<int(4)).map { _ in .init(actor: self.actor(), counter: random.next() % 1_000) })
            context.merge(siblings.context)
            let counter = max(siblings.context[actor], context[actor]) + 1
            let dot = Dot(actor: actor, counter: counter)
            if flag() {
                siblings.writeClassic(
                    dot: dot, context: context, at: random.next(), limit: 1 + int(6), payload: content(),
                    tombstone: flag())
            } else {
                siblings.write(
                    dot: dot, context: flag() ? context : VersionVector(), payload: content(), tombstone: flag())
            }
        }
        // Canonical, as every set that leaves a replica is.
        return Siblings(versions: siblings.versions)
    }

    private mutating func reply() -> ClientReply {
        switch int(13) {
        case 0, 1: .got(siblings())
        case 2:
            .put(
                dot: Dot(actor: actor(), counter: 1 + random.next() % 9), clock: siblings().context,
                siblings: siblings())
        case 3: .bucketSet
        case 4: .failed(.insufficientReplicas(have: int(4), need: int(4)))
        case 5: .failed(.quorumAboveN(n: int(4)))
        case 6: .failed(.primariesUnsatisfied(have: int(4), need: int(4), write: flag()))
        case 7: .failed(.quorumFailed(have: int(4), need: int(4)))
        case 8: .failed(.nodesUnconfirmed(have: int(4), need: int(4)))
        case 9: .failed(flag() ? .matchFound : .modified)
        case 10: .failed(flag() ? .notFound : .tooManySiblings(limit: int(100)))
        default: .failed(flag() ? .timeout : flag() ? .storage("disk full") : .unwritten("disk full"))
        }
    }

    private mutating func get() -> GetRequest {
        var request = GetRequest(key: key())
        request.r = quorum()
        request.pr = quorum()
        request.nodeConfirms = quorum()
        if flag() { request.notfoundOK = flag() }
        if flag() { request.basicQuorum = flag() }
        if flag() { request.n = int(5) }
        if flag() { request.sloppyQuorum = flag() }
        if flag() { request.timeout = Int64(int(1 << 40)) }
        return request
    }

    private mutating func put() -> PutRequest {
        var request = PutRequest(key: key(), context: siblings().context, content: content(), tombstone: flag())
        request.w = quorum()
        request.pw = quorum()
        request.dw = quorum()
        request.nodeConfirms = quorum()
        if flag() { request.n = int(5) }
        if flag() { request.ifNotModified = siblings().context }
        request.ifNoneMatch = flag()
        if flag() { request.sloppyQuorum = flag() }
        if flag() { request.timeout = Int64(int(1 << 40)) }
        return request
    }

    private mutating func bucket() -> BucketEntry {
        var properties = BucketProperties()
        if flag() { properties.n = 1 + int(5) }
        properties.r = quorum()
        properties.w = quorum()
        properties.pr = quorum()
        properties.pw = quorum()
        properties.dw = quorum()
        properties.rw = quorum()
        properties.nodeConfirms = quorum()
        if flag() { properties.notfoundOK = flag() }
        if flag() { properties.basicQuorum = flag() }
        if flag() { properties.allowMultiple = flag() }
        if flag() { properties.lastWriteWins = flag() }
        return BucketEntry(bucket: bytes(12), properties: properties, version: random.next(), setBy: node())
    }

    private mutating func membership() -> MembershipState {
        func many<T>(_ make: () -> T) -> [T] { (0..<int(4)).map { _ in make() } }
        let changes = many {
            let kind: MembershipChange.Kind =
                switch int(3) {
                case 0: .join(member())
                case 1: .leave(node())
                default: .replace(node(), by: member())
                }
            return MembershipChange(id: changeID(), kind: kind)
        }
        return MembershipState(
            founders: many { member() }, partitions: int(300), n: int(5), changes: changes,
            completed: many { changeID() },
            marks: many {
                .init(
                    node: node(), counter: random.next(), ready: random.next(), clean: random.next(), drained: flag())
            })
    }

    private mutating func member() -> Member {
        Member(name: node(), weight: int(9), zone: flag() ? "z" : "", address: flag() ? "127.0.0.1:8099" : "")
    }

    private mutating func changeID() -> MembershipChange.ID {
        .init(number: random.next(), node: node(), incarnation: random.next())
    }

    private mutating func content() -> Content {
        var content = Content(value: bytes(200))
        if flag() { content.contentType = Array("text/plain".utf8) }
        if flag() { content.charset = bytes(8) }
        if flag() { content.contentEncoding = bytes(8) }
        content.userMetadata = (0..<int(3)).map { _ in .init(key: bytes(8), value: bytes(8)) }
        content.indexes = (0..<int(3)).map { _ in .init(key: bytes(8), value: bytes(8)) }
        content.lastModified = random.next()
        return content
    }

    private mutating func quorum() -> Quorum {
        switch int(5) {
        case 0: .byDefault
        case 1: .one
        case 2: .quorum
        case 3: .all
        default: .count(int(6))
        }
    }

    private mutating func key() -> Key { Key(bucket: bytes(10), name: bytes(10)) }
    private mutating func positions() -> [Int] { (0..<int(20)).map { _ in int(1 << 20) } }
    private mutating func hash() -> Hash128 { Hash128(high: random.next(), low: random.next()) }
    private mutating func actor() -> Actor { Actor(node: node(), incarnation: UInt64(int(3)) << 40) }
    private mutating func node() -> String { "n\(1 + int(5))" }
    private mutating func bytes(_ limit: Int) -> [UInt8] {
        (0..<int(limit)).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    }
    private mutating func flag() -> Bool { random.next() & 1 == 0 }
    private mutating func int(_ bound: Int) -> Int { Int(random.next() % UInt64(bound)) }
}
