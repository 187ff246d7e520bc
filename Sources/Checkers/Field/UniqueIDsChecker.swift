import History

/// Ids that clients `generate`: none may be given out twice (page *UniqueIDs*).
enum UniqueIDsChecker {
    /// An operation that was given an id, by the indexes of its events in the whole history.
    private struct Receipt {
        var invocation: Int32
        var completion: Int32
    }

    /// Who was given which ids: all of them, or a share of them that goes by a hash of the id.
    struct Tally {
        fileprivate let limit: Int
        fileprivate var generated = 0
        private var ids = Interner()
        /// By id: the first operation that it was met with.
        private var first = ContiguousArray<Receipt>()
        /// By id, where there is more than one: all operations.
        private var repeated: [UInt32: [Receipt]] = [:]
        /// By the second operation, in the order of invocation, that was given the id.
        fileprivate var found: AnomalyList

        init(limit: Int) {
            self.limit = limit
            found = AnomalyList(limit: limit)
        }

        /// About how many bytes an id takes, and its place in the tables.
        static let bytesOfID = 224

        fileprivate mutating func count(_ id: String, _ invocation: Int, _ completion: Int) {
            let receipt = Receipt(
                invocation: Int32(truncatingIfNeeded: invocation), completion: Int32(truncatingIfNeeded: completion))
            let known = ids.intern(id)
            if Int(known) == first.count {
                first.append(receipt)
            } else {
                repeated[known, default: [first[Int(known)]]].append(receipt)
            }
        }

        /// Finds the ids that were given out twice, and forgets all ids.
        fileprivate mutating func settle() {
            var doubled: [(second: Int32, id: UInt32, receipts: [Receipt])] = []
            for (id, receipts) in repeated {
                let sorted = receipts.sorted { $0.invocation < $1.invocation }
                doubled.append((sorted[1].invocation, id, sorted))
            }
            var share = AnomalyList(limit: limit)
            for (second, id, receipts) in doubled.sorted(by: { $0.second < $1.second }) {
                let name = ids[id]
                share.place = Int(second)
                share.report {
                    Anomaly(
                        type: .duplicateID, value: name, ops: receipts.map { Int($0.completion) }.sorted(),
                        message: "the id \(name) was generated \(receipts.count) times")
                }
            }
            found.merge(share)
            (ids, first, repeated) = (Interner(), [], [:])
        }
    }

    static func survey(_ subject: Subject, limit: Int) -> Tally {
        var tally = Tally(limit: limit)
        subject.forEachOperation { operation in
            guard operation.outcome == .acked, subject.foreignName(operation.invocation) == "generate",
                let id = subject.value(operation.completion)?.json
            else { return }
            tally.generated += 1
            tally.count(id, subject.place(operation.invocation), subject.place(operation.completion))
        }
        tally.settle()
        return tally
    }

    /// The same from blocks of a history, whatever its length: the ids of one of several shares at a time.
    ///
    /// - Parameter shares: in how many the ids are taken.
    static func survey(
        _ source: BlockSource, shares: Int, limit: Int
    ) throws(HistoryError) -> Tally {
        var tally = Tally(limit: limit)
        for share in 0..<max(shares, 1) {
            tally.generated = 0
            var operations = OpenOperations(named: "generate")
            try source.forEachBlock { (block, firstIndex) throws(HistoryError) in
                operations.forEachEnd(block, firstIndex) { invocation, position in
                    guard block.events[position].type == .ok, let id = block.value(position)?.json else { return }
                    tally.generated += 1
                    guard KeyBuckets.hash(id) % UInt64(max(shares, 1)) == UInt64(share) else { return }
                    tally.count(id, invocation, firstIndex + position)
                }
            }
            tally.settle()
        }
        return tally
    }
}

extension UniqueIDsChecker.Tally {
    func conclude() -> CheckerResult {
        var result = CheckerResult(validity: found.count == 0 ? .valid : .invalid, found)
        result.figures = [Figure("generated", generated)]
        if generated < 2 { (result.validity, result.reason) = (.unknown, "Fewer than two ids were generated.") }
        return result
    }
}
