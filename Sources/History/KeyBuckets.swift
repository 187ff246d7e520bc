/// Keys in buckets, by a hash of their names that is the same in every block, and on every machine.
package enum KeyBuckets {
    static let count = 4096
    /// The bucket of the operations that have no key.
    static let keyless = count

    /// FNV-1a of 64 bits, mixed once more.
    package static func hash(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { hash(UnsafeRawBufferPointer($0)) }
    }

    static func hash(_ bytes: UnsafeRawBufferPointer) -> UInt64 {
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01B3 }
        return mixed(hash)
    }

    static func mixed(_ hash: UInt64) -> UInt64 {
        let mixed = (hash ^ hash >> 33) &* 0xFF51_AFD7_ED55_8CCD
        return mixed ^ mixed >> 33
    }
}

/// Which operations must stay together when a history is taken in groups.
package enum Togetherness: Sendable {
    /// Those of a key; and those without a key, which are of one object.
    case keyed
    /// Those of a key. Those without one have nothing to do with each other.
    case keyedOnly
    /// Those of a key as far as the contract has a name for them, because writes name what they have seen. The others are looked
    /// at one by one.
    case own
}

/// Tells of the events of a history, as they pass by, to which bucket of keys each belongs.
///
/// An operation belongs to the key that its invocation names; its completion need not name it again.
struct KeyRouter {
    /// Where an event belongs.
    struct Route {
        /// A bucket; or one of the two below.
        var bucket: Int
        /// A second bucket, of a completion that names a key where its invocation named none; -1: there is none.
        var other = -1
        /// Whether it matters only by naming its key: it is no client's.
        var isMention = false

        static let everyKey = Route(bucket: -1)
        static let nowhere = Route(bucket: -2)
    }

    private let together: Togetherness
    private var operations: UInt64 = 0
    private var begun = ProcessTable<Int32>(default: -1)
    /// By string of the block; -1: not yet asked for.
    private var buckets = UncheckedArray<Int32>()

    init(_ together: Togetherness) { self.together = together }

    /// Another block follows.
    mutating func begin(_ block: History) {
        buckets.removeAll()
        buckets.grow(to: block.strings.count, filling: -1)
    }

    mutating func route(_ event: Event, _ strings: Interner) -> Route {
        if event.function.concernsEveryKey { return .everyKey }
        let ofKey = event.key == Interner.none ? -1 : bucket(of: event.key, strings)
        guard event.process.isClient else {
            return ofKey < 0 ? .nowhere : Route(bucket: ofKey, isMention: true)
        }
        let process = event.process.rawValue
        if event.type == .invoke {
            let isOfKey = ofKey >= 0 && (together != .own || event.function != .other)
            let bucket = isOfKey ? ofKey : bucketWithoutKey()
            begun[process] = Int32(bucket)
            return Route(bucket: bucket)
        }
        let bucket = Int(begun[process])
        guard bucket >= 0 else { return ofKey < 0 ? .nowhere : Route(bucket: ofKey) }
        begun[process] = -1
        return Route(bucket: bucket, other: ofKey == bucket || together == .own ? -1 : ofKey)
    }

    private mutating func bucketWithoutKey() -> Int {
        if together == .keyed { return KeyBuckets.keyless }
        operations &+= 1
        return Int(KeyBuckets.mixed(operations) % UInt64(KeyBuckets.count))
    }

    private func bucket(of key: UInt32, _ strings: Interner) -> Int {
        let known = buckets[Int(key)]
        if known >= 0 { return Int(known) }
        let bucket = Int(strings.withUTF8(of: key) { KeyBuckets.hash($0) } % UInt64(KeyBuckets.count))
        buckets[Int(key)] = Int32(bucket)
        return bucket
    }
}
