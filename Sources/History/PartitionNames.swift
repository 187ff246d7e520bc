/// Where a key is in a partition.
struct KeyPlace: BitwiseCopyable {
    /// Its number among all keys; ``Interner/none``: no key.
    var key: UInt32
    var part: UInt32
    /// Its number among the keys of its part.
    var slot: UInt32

    static let none = KeyPlace(key: Interner.none, part: 0, slot: 0)
}

/// Translates the strings of a source (a block, or a history in memory) into those of a partition, each once.
package struct PartitionNames {
    /// By identifier; ``KeyPlace/none`` and ``Interner/none`` where not yet asked for.
    private var keys = UncheckedArray<KeyPlace>()
    private var texts = UncheckedArray<UInt32>()
    private var versions = UncheckedArray<Shown>()
    /// By stem: that of an id, that of a key and that of another string.
    private var stems = UncheckedArray<UInt32>()
    private var keyStems = UncheckedArray<UInt32>()
    private var textStems = UncheckedArray<UInt32>()

    /// What was last written of the version of an id, and where, in as few bytes as most versions allow: it is looked up for
    /// every version that anybody read, and half as many bytes are half as many misses of the cache.
    private struct Shown: BitwiseCopyable {
        /// Where the clock begins, above the counter; all ones: a version that does not fit in here.
        var content = UInt64.max
        /// The marks that tell whether a version is the same (see ``marks(_:_:in:)``), above its number in the part's stream.
        var place: UInt64 = 0

        /// The bits of the part in ``place``.
        static let partShift: UInt64 = 48

        @inline(__always)
        var number: Int32 { Int32(truncatingIfNeeded: place) }
    }

    package init() {}

    /// The number of the version that shows an id in a part; nil: none does yet.
    @inline(__always)
    func shown(_ id: UInt32, in part: Int) -> Int32? {
        let shown = versions[Int(id)]
        return shown.place >> Shown.partShift == UInt64(part + 1) ? shown.number : nil
    }

    /// The number of the version that shows an id in a part exactly like this one. If there is none, there is now: `next`.
    ///
    /// - Parameter actor: the dot's actor as a text of the partition; ``Interner/none``: it has no dot.
    @inline(__always)
    func shown(_ version: Version, _ actor: UInt32, in part: Int, next: Int32) -> Int32? {
        let shown = versions[Int(version.id)]
        let content = UInt64(version.clock.start) << 32 | version.counter
        let marks = PartitionNames.marks(version, actor, in: part)
        let fits =
            version.counter <= UInt64(UInt32.max) && content != UInt64.max && version.clock.count < 64
            && (actor < 255 || actor == Interner.none)
        if shown.content == content, shown.place >> 32 == marks, fits { return shown.number }
        versions[Int(version.id)] = Shown(
            content: fits ? content : UInt64.max, place: marks << 32 | UInt64(UInt32(bitPattern: next)))
        return nil
    }

    /// The part, how long the clock is, whether there is one and a tombstone, and the actor: of a version that fits, all that
    /// ``Shown/content`` lacks.
    @inline(__always)
    private static func marks(_ version: Version, _ actor: UInt32, in part: Int) -> UInt64 {
        UInt64(part + 1) << 16 | UInt64(version.clock.count & 63) << 10 | (version.hasClock ? 512 : 0)
            | (version.tombstone ? 256 : 0) | UInt64(actor & 255)
    }

    /// Forgets the source: another one follows.
    package mutating func removeAll() {
        keys.removeAll()
        texts.removeAll()
        versions.removeAll()
        stems.removeAll()
        keyStems.removeAll()
        textStems.removeAll()
    }

    /// Makes room for the source's strings.
    mutating func cover(_ strings: Interner) {
        keys.grow(to: strings.count, filling: .none)
        texts.grow(to: strings.count, filling: Interner.none)
        versions.grow(to: strings.count, filling: Shown())
        stems.grow(to: strings.stemCount, filling: Interner.none)
        keyStems.grow(to: strings.stemCount, filling: Interner.none)
        textStems.grow(to: strings.stemCount, filling: Interner.none)
    }

    @inline(__always)
    mutating func key(
        _ identifier: UInt32, _ strings: Interner, _ view: HistoryView, _ all: inout Interner, _ parts: Int
    ) -> KeyPlace {
        let known = keys[Int(identifier)]
        if known.key != Interner.none { return known }
        let key = all.intern(code: PartitionNames.translate(view.codes[Int(identifier)], keyStems, strings, &all))
        let place = KeyPlace(key: key, part: key % UInt32(parts), slot: key / UInt32(parts))
        keys[Int(identifier)] = place
        return place
    }

    @inline(__always)
    mutating func text(
        _ identifier: UInt32, _ strings: Interner, _ view: HistoryView, _ all: inout Interner
    ) -> UInt32 {
        let known = texts[Int(identifier)]
        if known != Interner.none { return known }
        let text = all.intern(code: PartitionNames.translate(view.codes[Int(identifier)], textStems, strings, &all))
        texts[Int(identifier)] = text
        return text
    }

    /// The code of an id, by the partition's stems.
    @inline(__always)
    mutating func code(
        _ identifier: UInt32, _ strings: Interner, _ view: HistoryView, _ all: inout Interner
    ) -> UInt64 {
        PartitionNames.translate(view.codes[Int(identifier)], stems, strings, &all)
    }

    /// A code by the stems of another interner.
    @inline(__always)
    private static func translate(
        _ code: UInt64, _ stems: UncheckedArray<UInt32>, _ strings: Interner, _ all: inout Interner
    ) -> UInt64 {
        let stem = Int(truncatingIfNeeded: code >> 32)
        var known = stems[stem]
        if known == Interner.none {
            known = all.stem(of: code, in: strings)
            stems[stem] = known
        }
        return UInt64(known) << 32 | code & 0xFFFF_FFFF
    }
}
