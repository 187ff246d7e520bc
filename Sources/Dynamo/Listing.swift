/// Listing keys and buckets.
///
/// Nobody knows all keys, so a listing covers the ring: partition after partition, each from **one** of its homes, the
/// next home taking over where one fails. It goes in pages that its client asks for one by one; between two pages no
/// node holds anything for it. A key lies in one partition, and the place behind a page is a key, so no key comes twice,
/// whichever homes answer.
///
/// What one home tells is what it stores at that moment: a key is missing that it has yet to be handed, one may be
/// there whose write is not durable yet, and keys whose versions are all tombstones are listed until those are reaped,
/// as in Riak.
public struct ListRequest: Hashable, Sendable {
    public enum Scope: Hashable, Sendable {
        /// The keys of a bucket, by the name that it is stored under.
        case keys(bucket: [UInt8])
        /// The names of a type's buckets, without those that have no key. Each may come more than once.
        case buckets(type: [UInt8])
    }

    public var scope: Scope
    /// Where to go on: what the page before said.
    public var cursor: ListCursor
    /// Nanoseconds that a page may take; nil: the store's default.
    public var timeout: Int64?

    public init(_ scope: Scope, from cursor: ListCursor = ListCursor()) {
        self.scope = scope
        self.cursor = cursor
    }
}

/// A place in a listing.
public struct ListCursor: Hashable, Sendable {
    var partition = 0
    var after: Key?
    /// The beginning.
    public init() {}
}

/// A part of a listing.
public struct ListPage: Hashable, Sendable {
    /// May be none although more follow.
    public var names: [[UInt8]]
    /// Nil: that was all.
    public var next: ListCursor?
}

/// What a home is asked for: names within a ring partition, behind a key.
public struct ListQuestion: Hashable, Sendable {
    public var scope: ListRequest.Scope
    public var partition: Int
    public var after: Key?
    public init(scope: ListRequest.Scope, partition: Int, after: Key?) {
        self.scope = scope
        self.partition = partition
        self.after = after
    }
}

/// What it says.
public struct ListAnswer: Hashable, Sendable {
    public var names: [[UInt8]]
    /// The last key looked at; nil: there are no more in the partition.
    public var next: Key?
    public init(names: [[UInt8]], next: Key?) {
        self.names = names
        self.next = next
    }
}

extension Replica {
    /// A page being made.
    struct Listing {
        let client: RequestID
        let request: ListRequest
        var cursor: ListCursor
        /// Homes of the current partition asked so far, the current one last.
        var asked: [String] = []
        var steps = 0
    }

    mutating func beginList(_ request: ListRequest, from client: RequestID) {
        guard request.cursor.partition < ring.partitions else {
            return effects.append(.listed(client, .success(ListPage(names: [], next: nil))))
        }
        if isOverloaded { return effects.append(.listed(client, .failure(.storage("too many requests are open")))) }
        let number = number()
        listings[number] = Listing(client: client, request: request, cursor: request.cursor)
        effects.append(.setTimer(.request(number), after: patience(request.timeout)))
        askForNames(number)
    }

    /// Asks the next home of the current partition.
    private mutating func askForNames(_ number: UInt64) {
        guard var listing = listings[number] else { return }
        let homes = listingHomes(listing.request.scope, partition: listing.cursor.partition)
        guard let home = homes.first(where: { !listing.asked.contains($0) }) else {
            return endList(number, .failure(.insufficientReplicas(have: 0, need: 1)))
        }
        listing.asked.append(home)
        listings[number] = listing
        let question = ListQuestion(
            scope: listing.request.scope, partition: listing.cursor.partition, after: listing.cursor.after)
        if home == node {
            listAnswered(number, by: node, try? names(question))
        } else {
            send(.list(request: number, question), to: home)
            effects.append(.setTimer(.request(number | 1), after: configuration.replicaTimeout))
        }
    }

    /// This node first, and those that are suspected last.
    private func listingHomes(_ scope: ListRequest.Scope, partition: Int) -> [String] {
        let n =
            switch scope {
            case .keys(let bucket): n(of: bucket)
            case .buckets: configuration.n
            }
        let homes = ring.preferenceList(partition).prefix(n)
        if homes.contains(node) { return [node] + homes.filter { $0 != node } }
        return homes.filter { !detector.suspects($0) } + homes.filter(detector.suspects)
    }

    /// - Parameter found: nil: it could not read.
    mutating func listAnswered(_ number: UInt64, by peer: String, _ found: ListAnswer?) {
        guard var listing = listings[number], listing.asked.last == peer else { return }
        effects.append(.cancelTimer(.request(number | 1)))
        guard let found else { return askForNames(number) }
        listing.steps += 1
        listing.asked = []
        listing.cursor.after = found.next
        if found.next == nil { listing.cursor.partition += 1 }
        listings[number] = listing
        let isOver = listing.cursor.partition == ring.partitions
        // A page is what one home said, unless that is nothing: then a few more are asked, but not all in one go.
        if found.names.isEmpty, !isOver, listing.steps < Limits.listSteps { return askForNames(number) }
        endList(number, .success(ListPage(names: found.names, next: isOver ? nil : listing.cursor)))
    }

    mutating func listTimer(_ number: UInt64, deadline: Bool) {
        guard let home = listings[number]?.asked.last else { return }
        if deadline { return endList(number, .failure(.timeout)) }
        missed(home)
        askForNames(number)
    }

    mutating func listLost(_ number: UInt64, to peer: String) {
        if listings[number]?.asked.last == peer { askForNames(number) }
    }

    private mutating func endList(_ number: UInt64, _ page: Result<ListPage, RequestFailure>) {
        guard let listing = listings.removeValue(forKey: number) else { return }
        effects.append(.cancelTimer(.request(number)))
        effects.append(.cancelTimer(.request(number | 1)))
        effects.append(.listed(listing.client, page))
    }

    /// The names that this node stores: a bounded number of objects is looked at, so that a scan holds up nobody.
    func names(_ question: ListQuestion) throws -> ListAnswer {
        guard (0..<ring.partitions).contains(question.partition) else { return ListAnswer(names: [], next: nil) }
        let range = ring.positions(of: question.partition)
        let entries = try store.entries(
            from: range.lowerBound, through: range.upperBound, after: question.after, limit: Limits.listedEntries)
        var answer = ListAnswer(names: [], next: nil)
        var seen: Set<[UInt8]> = []
        var bytes = 0
        for entry in entries {
            // A key is as long as its client likes.
            if bytes > Limits.listedBytes { return answer }
            answer.next = entry.key
            let name: [UInt8]
            switch question.scope {
            case .keys(let bucket):
                guard entry.key.bucket == bucket else { continue }
                name = entry.key.name
            case .buckets(let type):
                guard seen.insert(entry.key.bucket).inserted else { continue }
                let bucket = BucketName(stored: entry.key.bucket)
                guard bucket.type == type else { continue }
                name = bucket.name
            }
            answer.names.append(name)
            bytes += name.count
        }
        if entries.count < Limits.listedEntries { answer.next = nil }
        return answer
    }
}
