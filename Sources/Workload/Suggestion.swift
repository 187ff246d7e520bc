/// The allowed name that a misspelt one was most likely meant to be.
enum Suggestion {
    /// The nearest of `allowed`, when at most a third of its letters must change; in a name of two letters none may.
    static func nearest(to word: String, among allowed: [String]) -> String? {
        let candidates = allowed.map { (name: $0, distance: distance(word, $0)) }
        guard let best = candidates.min(by: { $0.distance < $1.distance }) else { return nil }
        return best.distance <= best.name.count / 3 ? best.name : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours that turn one word into the other.
    static func distance(_ first: String, _ second: String) -> Int {
        // Only names are compared, so a long word is far from everything and need not be measured.
        guard first.utf8.count <= 64 else { return Int.max }
        let a = Array(first), b = Array(second)
        var rows = [[Int]](repeating: [Int](repeating: 0, count: b.count + 1), count: a.count + 1)
        for i in 0...a.count { rows[i][0] = i }
        for j in 0...b.count { rows[0][j] = j }
        for i in a.indices {
            for j in b.indices {
                let replaced = rows[i][j] + (a[i] == b[j] ? 0 : 1)
                rows[i + 1][j + 1] = min(replaced, rows[i][j + 1] + 1, rows[i + 1][j] + 1)
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] {
                    rows[i + 1][j + 1] = min(rows[i + 1][j + 1], rows[i - 1][j - 1] + 1)
                }
            }
        }
        return rows[a.count][b.count]
    }
}
