import Testing

/// Where random test values come from: a sequence of choices, drawn from a seed or replayed from a list.
///
/// Every value is made of choices only, so that a failing case is shrunk without knowing what it means: by leaving
/// choices out and making them smaller, and replaying what remains. Beyond the end of the list every choice is 0, the
/// simplest.
struct Choices {
    private(set) var made: [UInt64] = []
    private var replayed: [UInt64]?
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    init(replaying list: [UInt64]) {
        replayed = list
        state = 0
    }

    /// A number from `0 ..< bound`.
    mutating func below(_ bound: Int) -> Int {
        let choice: UInt64
        if let replayed {
            choice = made.count < replayed.count ? replayed[made.count] % UInt64(bound) : 0
        } else {
            choice = next() % UInt64(bound)
        }
        made.append(choice)
        return Int(choice)
    }

    mutating func flip() -> Bool { below(2) == 1 }

    mutating func element<Element>(of list: [Element]) -> Element { list[below(list.count)] }

    /// SplitMix64.
    private mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// A property that did not hold.
struct Falsified: Error, CustomStringConvertible {
    var description: String
    init(_ description: String) { self.description = description }
}

/// Fails the property in hand unless the condition holds.
func require(_ condition: Bool, _ what: @autoclosure () -> String) throws(Falsified) {
    if !condition { throw Falsified(what()) }
}

/// Tries a property on many random cases; the first that fails is shrunk, and then reported with the choices that
/// replay it.
func forAll(
    cases: Int = 2_000, seed: UInt64 = 1, sourceLocation: SourceLocation = #_sourceLocation,
    _ property: (inout Choices) throws(Falsified) -> Void
) {
    for number in 0..<UInt64(cases) {
        var choices = Choices(seed: seed &* 1_000_003 &+ number)
        guard failure(of: property, &choices) != nil else { continue }
        let smallest = shrink(choices.made, property)
        var replay = Choices(replaying: smallest)
        let message = failure(of: property, &replay) ?? "no longer fails when replayed"
        Issue.record("case \(number): \(message); choices \(smallest)", sourceLocation: sourceLocation)
        return
    }
}

private func failure(of property: (inout Choices) throws(Falsified) -> Void, _ choices: inout Choices) -> String? {
    do {
        try property(&choices)
        return nil
    } catch {
        return error.description
    }
}

/// The smallest failing list that leaving out, zeroing and decreasing single choices leads to.
private func shrink(_ list: [UInt64], _ property: (inout Choices) throws(Falsified) -> Void) -> [UInt64] {
    var best = list
    var attempts = 5_000
    func fails(_ candidate: [UInt64]) -> Bool {
        attempts -= 1
        var choices = Choices(replaying: candidate)
        return failure(of: property, &choices) != nil
    }
    var improved = true
    while improved, attempts > 0 {
        improved = false
        var index = 0
        while index < best.count, attempts > 0 {
            var candidates: [[UInt64]] = []
            for length in [8, 4, 2, 1] where index + length <= best.count {
                var shorter = best
                shorter.removeSubrange(index..<index + length)
                candidates.append(shorter)
            }
            for smaller in [0, best[index] / 2, best[index] &- 1] where smaller < best[index] {
                var lesser = best
                lesser[index] = smaller
                candidates.append(lesser)
            }
            if let better = candidates.first(where: fails) {
                best = better
                improved = true
            } else {
                index += 1
            }
        }
    }
    return best
}
