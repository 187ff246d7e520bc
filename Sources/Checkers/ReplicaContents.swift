import History

/// Tells whether replicas hold the same: the sets of ids, tombstones left out (SEMANTICS section 3, *convergence*).
///
/// One value compares event after event with the first of its group, and keeps its memory.
struct ReplicaContents {
    private var left = ContiguousArray<UInt32>()
    private var right = ContiguousArray<UInt32>()

    /// Whether the two `replica` events show different sets of ids.
    mutating func differ(_ first: Int32, _ second: Int32, _ subject: Subject) -> Bool {
        ReplicaContents.fill(&left, first, subject)
        ReplicaContents.fill(&right, second, subject)
        return left != right
    }

    private static func fill(_ ids: inout ContiguousArray<UInt32>, _ index: Int32, _ subject: Subject) {
        ids.removeAll(keepingCapacity: true)
        for position in subject.event(index).list.range {
            let version = subject.history.versions[position]
            if version.id == Interner.none || version.tombstone || isDelete(version.id, subject) { continue }
            ids.append(version.id)
        }
        guard ids.count > 1 else { return }
        ids.sort()
        var kept = 1
        for position in 1..<ids.count where ids[position] != ids[kept - 1] {
            ids[kept] = ids[position]
            kept += 1
        }
        ids.removeLast(ids.count - kept)
    }

    private static func isDelete(_ id: UInt32, _ subject: Subject) -> Bool {
        let number = subject.writes.numberOfID[Int(id)]
        return number >= 0 && subject.writes.writes[Int(number)].isDelete
    }
}
