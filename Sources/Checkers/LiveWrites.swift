import History

/// The writes of a history that grows, and what each had seen.
struct LiveWrites: Sendable {
    private struct Write {
        var id: UInt32
        var key: UInt32
        var seen: Slice
        var hasFailed = false
        var wasRead = false
    }

    private var writes = ContiguousArray<Write>()
    private var seen = ContiguousArray<UInt32>()
    /// For each id, its write; -1: none yet.
    private var numbers = ContiguousArray<Int32>()
    /// For each write, the search that met it last.
    private var met = ContiguousArray<Int32>()
    private var round: Int32 = 0

    /// The write of an id, if there was one.
    func number(of id: UInt32) -> Int32? {
        guard id < numbers.count, numbers[Int(id)] >= 0 else { return nil }
        return numbers[Int(id)]
    }

    func key(_ write: Int32) -> UInt32 { writes[Int(write)].key }
    func id(_ write: Int32) -> UInt32 { writes[Int(write)].id }
    func hasFailed(_ write: Int32) -> Bool { writes[Int(write)].hasFailed }
    func wasRead(_ write: Int32) -> Bool { writes[Int(write)].wasRead }
    mutating func fail(_ write: Int32) { writes[Int(write)].hasFailed = true }
    mutating func noteRead(_ write: Int32) { writes[Int(write)].wasRead = true }

    mutating func add(_ id: UInt32, key: UInt32, seen parents: [UInt32]) -> Int32 {
        let number = Int32(writes.count)
        while numbers.count <= id { numbers.append(-1) }
        numbers[Int(id)] = number
        writes.append(
            Write(id: id, key: key, seen: Slice(start: UInt32(seen.count), count: UInt32(parents.count))))
        seen.append(contentsOf: parents)
        met.append(0)
        return number
    }

    /// The pairs a ≺ b among some writes of one key, as far as `limit` steps back in all show them.
    mutating func stalePairs(among members: [Int32], limit: Int) -> [(stale: Int32, newer: Int32)] {
        var pairs: [(stale: Int32, newer: Int32)] = []
        var steps = 0
        // A write has seen earlier ones only, unless its history names ids before they are written: those wait for the end.
        let oldest = members.min() ?? 0
        for newer in members {
            round = round == Int32.max ? 1 : round + 1
            var stack = [newer]
            while let write = stack.popLast() {
                for place in writes[Int(write)].seen.range {
                    guard let parent = number(of: seen[place]), parent >= oldest, met[Int(parent)] != round else {
                        continue
                    }
                    met[Int(parent)] = round
                    if members.contains(parent), parent != newer { pairs.append((parent, newer)) }
                    stack.append(parent)
                    steps += 1
                    if steps > limit { return pairs }
                }
            }
        }
        return pairs
    }
}
