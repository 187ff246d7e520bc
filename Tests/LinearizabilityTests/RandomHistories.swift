import Linearizability

/// Small histories of an object that mostly tells the truth.
struct RandomHistories {
    let subject: Subject
    private var draw: Draw
    private var written: Int64 = 0

    init(_ subject: Subject, seed: UInt64) {
        self.subject = subject
        draw = Draw(seed: seed)
    }

    private struct InFlight {
        var deed: Deed
        var begin: Int
        var isDone = false
    }

    /// A history of `count` operations by a few processes.
    mutating func history(count: Int, processes: Int) -> [PlainOperation] {
        var object = PlainObject()
        var busy: [InFlight] = []
        var result: [PlainOperation] = []
        var begun = 0
        var now = 0
        while begun < count || !busy.isEmpty {
            now += 1
            let isFree = begun < count && busy.count < processes
            if isFree, busy.isEmpty || draw.oneIn(2) {
                busy.append(InFlight(deed: intention(), begin: now))
                begun += 1
                continue
            }
            let chosen = draw.below(busy.count)
            if !busy[chosen].isDone {
                busy[chosen].deed = answer(busy[chosen].deed, &object)
                busy[chosen].isDone = true
                if draw.oneIn(2) { continue }
            }
            if draw.oneIn(9) {
                // Lost, perhaps before it was done: the object did it all the same.
                result.append(PlainOperation(deed: busy[chosen].deed, begin: busy[chosen].begin, end: nil))
            } else {
                let deed = draw.oneIn(12) ? lie(busy[chosen].deed) : busy[chosen].deed
                result.append(PlainOperation(deed: deed, begin: busy[chosen].begin, end: now))
            }
            busy.remove(at: chosen)
        }
        return result
    }

    private mutating func value() -> Int64 { Int64(draw.below(4)) }
    private mutating func newValue() -> Int64 {
        written += 1
        return written
    }

    private mutating func intention() -> Deed {
        let choice = draw.below(6)
        switch subject {
        case .register: return choice < 3 ? .read(0) : .write(value())
        case .uniqueRegister: return choice < 3 ? .read(0) : .write(newValue())
        case .casRegister: return choice < 2 ? .read(0) : choice < 4 ? .cas(value(), value()) : .write(value())
        case .text:
            let letter = ["a", "b", ""][draw.below(3)]
            return choice < 2 ? .readText("") : choice < 5 ? .appendText(letter) : .writeText(letter)
        case .uniqueText: return choice < 3 ? .readText("") : .writeText("\(newValue())")
        case .set:
            let element = value()
            return choice < 2
                ? .add(element)
                : choice < 3
                    ? .remove(element)
                    : choice < 5 ? .readSet([]) : .contains(element, true)
        case .counter: return choice < 3 ? .readSum(0) : .increase(value() - 1)
        case .mutex: return choice < 3 ? .acquire : .release
        case .transactions:
            return .transaction(
                (0...draw.below(2)).map { _ in
                    .init(isWrite: draw.oneIn(2), register: draw.below(2), value: value())
                })
        }
    }

    /// What the object answers; what it cannot do it does not, which makes the answer a lie.
    private mutating func answer(_ deed: Deed, _ object: inout PlainObject) -> Deed {
        let told: Deed =
            switch deed {
            case .read: .read(object.value)
            case .readSum: .readSum(object.value)
            case .readText: .readText(object.text)
            case .readSet: .readSet(object.elements)
            case .contains(let element, _): .contains(element, object.elements.contains(element))
            case .cas(let old, _) where object.value != old: .refusedCas(old)
            case .transaction(let accesses): .transaction(filled(accesses, object))
            default: deed
            }
        object = object.after(told) ?? object
        return told
    }

    private func filled(
        _ accesses: [MultiRegisterModel.Access], _ object: PlainObject
    ) -> [MultiRegisterModel.Access] {
        var registers = object.registers
        return accesses.map { access in
            var access = access
            if access.isWrite {
                registers[access.register] = access.value
            } else {
                access.value = registers[access.register, default: 0]
            }
            return access
        }
    }

    private mutating func lie(_ deed: Deed) -> Deed {
        switch deed {
        case .read: .read(subject == .uniqueRegister ? Int64(draw.below(Int(written) + 2)) : value())
        case .readSum(let sum): .readSum(sum + 1)
        case .readText: .readText(["", "a", "ab", "1", "2"][draw.below(5)])
        case .readSet(let elements): .readSet(elements.symmetricDifference([value()]))
        case .contains(let element, let isThere): .contains(element, !isThere)
        case .refusedCas(let old): .cas(old, value())
        case .transaction(let accesses):
            .transaction(
                accesses.map { access in
                    var access = access
                    access.value = (access.value + 1) % 4
                    return access
                })
        default: deed
        }
    }
}
