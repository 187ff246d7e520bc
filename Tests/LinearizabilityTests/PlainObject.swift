import Linearizability

/// An object that does one operation after the other: the models once more, as plainly as can be.
struct PlainObject: Hashable {
    var value: Int64 = 0
    var text = ""
    var elements: Set<Int64> = []
    var registers: [Int: Int64] = [:]

    /// The object after a deed with these answers; nil when it would have answered otherwise.
    func after(_ deed: Deed) -> PlainObject? {
        var next = self
        switch deed {
        case .read(let seen), .readSum(let seen): return seen == value ? self : nil
        case .write(let new): next.value = new
        case .cas(let old, let new):
            guard value == old else { return nil }
            next.value = new
        case .refusedCas(let old): return value == old ? nil : self
        case .readText(let seen): return seen == text ? self : nil
        case .writeText(let new): next.text = new
        case .appendText(let tail): next.text += tail
        case .add(let element): next.elements.insert(element)
        case .remove(let element): next.elements.remove(element)
        case .contains(let element, let isThere): return elements.contains(element) == isThere ? self : nil
        case .readSet(let seen): return seen == elements ? self : nil
        case .increase(let amount): next.value += amount
        case .acquire:
            guard value == 0 else { return nil }
            next.value = 1
        case .release:
            guard value == 1 else { return nil }
            next.value = 0
        case .transaction(let accesses):
            for access in accesses {
                if access.isWrite {
                    next.registers[access.register] = access.value
                } else if next.registers[access.register, default: 0] != access.value {
                    return nil
                }
            }
            next.registers = next.registers.filter { $0.value != 0 }
        }
        return next
    }
}

/// Tries every order.
enum BruteForce {
    static func isLinearizable(_ history: [PlainOperation]) -> Bool {
        place(history, [], PlainObject())
    }

    private static func place(_ history: [PlainOperation], _ placed: Set<Int>, _ object: PlainObject) -> Bool {
        let rest = history.indices.filter { !placed.contains($0) }
        // What nobody knows the end of may never have happened.
        if rest.allSatisfy({ history[$0].end == nil }) { return true }
        let earliest = rest.compactMap { history[$0].end }.min() ?? .max
        for index in rest where history[index].begin < earliest {
            guard let next = object.after(history[index].deed) else { continue }
            if place(history, placed.union([index]), next) { return true }
        }
        return false
    }
}
