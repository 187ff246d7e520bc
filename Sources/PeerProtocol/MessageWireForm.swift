import Causality
import Dynamo
import Foundation

extension Dynamo.Message {
    /// The message as the generated protocol buffers types have it, case by case.
    var wireForm: PeerFrame.OneOf_Body {
        switch self {
        case .replicate(let request, let key, let siblings, let hintFor):
            var wire = Replicate()
            wire.request = request
            wire.key = key.wireForm
            wire.siblings = siblings.wireForm
            wire.hintFor = hintFor ?? ""
            return .replicate(wire)
        case .replicated(let request, let ok):
            var wire = Replicated()
            (wire.request, wire.ok) = (request, ok)
            return .replicated(wire)
        case .fetch(let request, let key):
            var wire = Fetch()
            wire.request = request
            wire.key = key.wireForm
            return .fetch(wire)
        case .fetched(let request, let siblings, let ok):
            var wire = Fetched()
            (wire.request, wire.ok) = (request, ok)
            if let siblings { wire.siblings = siblings.wireForm }
            return .fetched(wire)
        case .forwardGet(let request, let get): return .forwardGet(get.wireForm(request: request))
        case .forwardPut(let request, let put): return .forwardPut(put.wireForm(request: request))
        case .forwarded(let request, let reply):
            var wire = Forwarded()
            wire.request = request
            wire.reply = reply.wireForm
            return .forwarded(wire)
        case .handoff(let request, let key, let siblings):
            var wire = Handoff()
            wire.request = request
            wire.key = key.wireForm
            wire.siblings = siblings.wireForm
            return .handoff(wire)
        case .handedOff(let request, let ok):
            var wire = HandedOff()
            (wire.request, wire.ok) = (request, ok)
            return .handedOff(wire)
        case .treeRoots(let exchange, let trees, let roots):
            return .treeRoots(TreeRoots(exchange: exchange, trees: trees, roots: roots))
        case .rootsCompared(let exchange, let equal, let differing):
            return .rootsCompared(RootsCompared(exchange: exchange, equal: equal, differing: differing))
        case .treeHashes(let exchange, let partition, let level, let positions, let hashes):
            return .treeHashes(
                TreeHashes(
                    exchange: exchange, partition: partition, level: level, positions: positions, hashes: hashes))
        case .treeDiffers(let exchange, let partition, let level, let positions):
            return .treeDiffers(
                TreeDiffers(exchange: exchange, partition: partition, level: level, positions: positions))
        case .leafKeys(let exchange, let partition, let positions, let entries):
            return .leafKeys(
                LeafKeys(exchange: exchange, partition: partition, positions: positions, entries: entries))
        case .repair(let exchange, let partition, let objects, let wanted):
            return .repair(Repair(exchange: exchange, partition: partition, objects: objects, wanted: wanted))
        case .list(let request, let question): return .list(question.wireForm(request: request))
        case .listed(let request, let answer): return .listed(Listed(request: request, answer))
        case .reapCheck(let round, let membership, let entries):
            return .reapCheck(ReapEntries(round: round, membership: membership, entries: entries))
        case .reapClear(let round, let positions): return .reapClear(ReapAnswer(round: round, positions: positions))
        case .reapConfirm(let round): return .reapConfirm(PeerNumber(round))
        case .reapConfirmed(let round, let positions):
            return .reapConfirmed(ReapAnswer(round: round, positions: positions))
        case .reap(let entries): return .reap(ReapEntries(round: 0, membership: 0, entries: entries))
        case .flush(let request): return .flush(PeerNumber(request))
        case .flushed(let request): return .flushed(PeerNumber(request))
        case .ping(let request, let incarnation, let bucketsVersion):
            var wire = Ping()
            (wire.request, wire.incarnation, wire.bucketsVersion) = (request, incarnation, bucketsVersion)
            return .ping(wire)
        case .pong(let request, let incarnation, let bucketsVersion, let backlog):
            var wire = Pong()
            (wire.request, wire.incarnation, wire.bucketsVersion) = (request, incarnation, bucketsVersion)
            wire.partitionsToFetch = UInt64(clamping: backlog.partitions)
            wire.surplus = UInt64(clamping: backlog.surplus)
            wire.hints = UInt64(clamping: backlog.hints)
            return .pong(wire)
        case .buckets(let entries):
            var wire = Buckets()
            wire.entries = entries.map(\.wireForm)
            return .buckets(wire)
        case .offer(let request, let entries): return .offer(Offer(request: request, entries: entries))
        case .offered(let request, let wanted, let ok):
            var wire = Offered()
            (wire.request, wire.ok) = (request, ok)
            wire.wanted = wanted.map(\.wireForm)
            return .offered(wire)
        case .gossip(let digest, let answer):
            var wire = Gossip()
            (wire.state, wire.target, wire.answer) = (digest.state, digest.target, answer)
            return .gossip(wire)
        case .membership(let state): return .membership(state.wireForm)
        }
    }

    /// Reads what a peer sent.
    init(wire: PeerFrame.OneOf_Body) throws(PeerProtocolError) {
        switch wire {
        case .hello: throw .invalid("hello")
        case .replicate(let wire):
            self = .replicate(
                request: wire.request, key: Key(wire: wire.key), siblings: try Siblings(wire: wire.siblings),
                hintFor: wire.hintFor.isEmpty ? nil : wire.hintFor)
        case .replicated(let wire): self = .replicated(request: wire.request, ok: wire.ok)
        case .fetch(let wire): self = .fetch(request: wire.request, key: Key(wire: wire.key))
        case .fetched(let wire):
            let siblings = wire.hasSiblings ? try Siblings(wire: wire.siblings) : nil
            self = .fetched(request: wire.request, siblings: siblings, ok: wire.ok)
        case .forwardGet(let wire): self = .forwardGet(request: wire.request, try GetRequest(wire: wire))
        case .forwardPut(let wire): self = .forwardPut(request: wire.request, try PutRequest(wire: wire))
        case .forwarded(let wire): self = .forwarded(request: wire.request, try ClientReply(wire: wire.reply))
        case .handoff(let wire):
            self = .handoff(
                request: wire.request, key: Key(wire: wire.key), siblings: try Siblings(wire: wire.siblings))
        case .handedOff(let wire): self = .handedOff(request: wire.request, ok: wire.ok)
        case .treeRoots(let wire): self = try wire.message()
        case .rootsCompared(let wire): self = wire.message()
        case .treeHashes(let wire): self = try wire.message()
        case .treeDiffers(let wire): self = wire.message()
        case .leafKeys(let wire): self = try wire.message()
        case .repair(let wire): self = try wire.message()
        case .list(let wire): self = .list(request: wire.request, try ListQuestion(wire: wire))
        case .listed(let wire): self = .listed(request: wire.request, wire.ok ? ListAnswer(wire: wire) : nil)
        case .reapCheck(let wire):
            self = .reapCheck(round: wire.round, membership: wire.membership, entries: try wire.leafEntries())
        case .reapClear(let wire): self = .reapClear(round: wire.round, positions: wire.positions.map(Int.init))
        case .reapConfirm(let wire): self = .reapConfirm(round: wire.number)
        case .reapConfirmed(let wire):
            self = .reapConfirmed(round: wire.round, positions: wire.positions.map(Int.init))
        case .reap(let wire): self = .reap(entries: try wire.leafEntries())
        case .flush(let wire): self = .flush(request: wire.number)
        case .flushed(let wire): self = .flushed(request: wire.number)
        case .ping(let wire):
            self = .ping(
                request: wire.request, incarnation: wire.incarnation, bucketsVersion: wire.bucketsVersion)
        case .pong(let wire):
            self = .pong(
                request: wire.request, incarnation: wire.incarnation, bucketsVersion: wire.bucketsVersion,
                backlog: Backlog(
                    partitions: Int(clamping: wire.partitionsToFetch), surplus: Int(clamping: wire.surplus),
                    hints: Int(clamping: wire.hints)))
        case .buckets(let wire):
            var entries: [BucketEntry] = []
            for entry in wire.entries { entries.append(try BucketEntry(wire: entry)) }
            self = .buckets(entries)
        case .offer(let wire): self = try wire.message()
        case .offered(let wire):
            self = .offered(request: wire.request, wanted: wire.wanted.map(Key.init(wire:)), ok: wire.ok)
        case .gossip(let wire):
            self = .gossip(MembershipDigest(state: wire.state, target: wire.target), answer: wire.answer)
        case .membership(let wire): self = .membership(try MembershipState(wire: wire))
        }
    }
}
