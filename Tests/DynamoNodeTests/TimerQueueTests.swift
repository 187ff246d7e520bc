import Dynamo
import DynamoNode
import Testing

@Suite("The timers of a replica")
struct TimerQueueTests {
    @Test("they ring in order, the replaced and the cancelled never", arguments: [UInt64(1), 2, 3, 4])
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var queue = TimerQueue<Int>()
        var deadlines: [Int: (deadline: Int64, serial: Int)] = [:]
        var now: Int64 = 0
        for serial in 0..<20_000 {
            let name = Int(random.next() % 30)
            switch random.next() % 4 {
            case 0, 1:
                let deadline = now + Int64(random.next() % 50)
                queue.set(name, deadline: deadline)
                deadlines[name] = (deadline, serial)
            case 2:
                queue.cancel(name)
                deadlines[name] = nil
            default: now += Int64(random.next() % 10)
            }
            let expected = deadlines.filter { $0.value.deadline <= now }
                .sorted { ($0.value.deadline, $0.value.serial) < ($1.value.deadline, $1.value.serial) }.map(\.key)
            var rung: [Int] = []
            while let timer = queue.popDue(at: now) { rung.append(timer) }
            #expect(rung == expected)
            for name in expected { deadlines[name] = nil }
            #expect(queue.count == deadlines.count)
            #expect(queue.nextDeadline() == deadlines.values.map(\.deadline).min())
        }
    }
}
