import Dynamo

/// Which keys have hints for which home, in memory: most keys have none, and the disk need not be asked to know that.
///
/// Keeps a hash of each key, not the key. Two keys with one hash are counted apart, so "no" is always right; "maybe"
/// has to be looked up.
struct HintIndex {
    private struct Home {
        var hashes: [Int: UInt32] = [:]
        var count = 0
    }

    private var homes: [String: Home] = [:]

    var isEmpty: Bool { homes.isEmpty }
    /// Hints by home; homes without any are left out.
    var counts: [String: Int] { homes.mapValues(\.count) }
    /// In ascending order.
    var homeNames: [String] { homes.count < 2 ? Array(homes.keys) : homes.keys.sorted() }

    func hasAny(home: String) -> Bool { homes[home] != nil }

    func mayHave(_ key: Key, home: String) -> Bool { homes[home]?.hashes[key.hashValue] != nil }

    mutating func add(_ key: Key, home: String) {
        homes[home, default: Home()].hashes[key.hashValue, default: 0] += 1
        homes[home]?.count += 1
    }

    /// Takes out a key that was added.
    mutating func remove(_ key: Key, home: String) {
        guard let times = homes[home]?.hashes[key.hashValue] else { return }
        homes[home]?.hashes[key.hashValue] = times > 1 ? times - 1 : nil
        homes[home]?.count -= 1
        if homes[home]?.count == 0 { homes[home] = nil }
    }
}
