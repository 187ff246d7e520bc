import Dynamo
import DynamoNode
import Testing

@Suite("The cache of objects")
struct LRUCacheTests {
    @Test("it answers as a list in order of use does", arguments: [UInt64(1), 2, 3, 4])
    func model(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var cache = LRUCache<Int, Int>(capacity: 40)
        var list: [(key: Int, value: Int, cost: Int)] = []
        for _ in 0..<20_000 {
            let key = Int(random.next() % 12)
            switch random.next() % 5 {
            case 0:
                cache.remove(key)
                list.removeAll { $0.key == key }
            case 1, 2:
                let cost = Int(random.next() % 45), value = Int(random.next() % 1_000)
                cache.insert(key, value, cost: cost)
                list.removeAll { $0.key == key }
                if cost <= 40 {
                    while list.reduce(0, { $0 + $1.cost }) + cost > 40 { list.removeFirst() }
                    list.append((key, value, cost))
                }
            default:
                let index = list.firstIndex { $0.key == key }
                #expect(cache.value(key) == index.map { list[$0].value })
                if let index { list.append(list.remove(at: index)) }
            }
            #expect(cache.count == list.count)
            #expect(cache.cost == list.reduce(0) { $0 + $1.cost })
        }
    }
}
