import func Foundation.pow

/// Draws ranks of keys with the frequencies of a ``KeySpace``.
struct KeyChooser: Sendable, Hashable {
    private let count: Int
    /// For zipf: entry k is the share of the ranks up to k. Exact, at eight bytes a key.
    private let cumulative: [Double]

    init(_ keys: KeySpace) {
        count = max(1, keys.count)
        switch keys.distribution {
        case .uniform:
            cumulative = []
        case .zipf(let exponent):
            var sum = 0.0
            let sums = (1...count).map { rank in
                sum += pow(Double(rank), -exponent)
                return sum
            }
            cumulative = sums.map { $0 / sum }
        }
    }

    /// A rank from 0; takes exactly one number from `random`.
    func rank(_ random: inout SeededRandom) -> Int {
        if cumulative.isEmpty { return random.below(count) }
        let point = random.unit()
        var low = 0
        var high = count - 1
        while low < high {
            let middle = (low + high) / 2
            if cumulative[middle] > point { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
