/// Trivial values for a hot loop: no check of bounds in release, and no check of who else holds them.
///
/// An array of the library asks before each write whether it is shared; a loop that writes to several of them for each event spends
/// a good part of its time on the answer, which is always no. Whoever holds one of these vouches for the bounds, and for not
/// using a copy beside the original: copies share their memory, unless it was taken only after they were made.
public struct UncheckedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// Frees the memory when the last copy is gone.
    @usableFromInline
    final class Memory {
        @usableFromInline let base: UnsafeMutablePointer<Element>
        @inlinable init(capacity: Int) { base = .allocate(capacity: capacity) }
        @inlinable deinit { base.deallocate() }
    }

    @usableFromInline var memory: Memory?
    @usableFromInline var base: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    @usableFromInline var length = 0

    @inlinable public var count: Int { length }
    @inlinable public var indices: Range<Int> { 0..<length }

    @inlinable
    public init() {
        capacity = 0
        // Never read nor written, for nothing is in it; an alignment is no null address.
        base = UnsafeMutablePointer(bitPattern: MemoryLayout<Element>.alignment).unsafelyUnwrapped
    }

    @inlinable
    public init(repeating value: Element, count: Int) {
        self.init()
        grow(to: count, filling: value)
    }

    @inlinable
    public subscript(index: Int) -> Element {
        @inline(__always) get {
            assert(index >= 0 && index < count)
            return base[index]
        }
        @inline(__always) nonmutating _modify {
            assert(index >= 0 && index < count)
            yield &base[index]
        }
    }

    /// Makes it at least so long; what is new is `value`.
    @inlinable
    public mutating func grow(to length: Int, filling value: Element) {
        if length <= count { return }
        if length > capacity { enlarge(to: length) }
        (base + count).update(repeating: value, count: length - count)
        self.length = length
    }

    @inlinable
    public mutating func append(_ value: Element) {
        if length == capacity { enlarge(to: length + 1) }
        base[length] = value
        length &+= 1
    }

    /// Appends other values, not its own.
    @inlinable
    public mutating func append(contentsOf other: UnsafeBufferPointer<Element>) {
        guard let source = other.baseAddress, other.count > 0 else { return }
        if length + other.count > capacity { enlarge(to: length + other.count) }
        (base + length).update(from: source, count: other.count)
        length += other.count
    }

    /// Takes the last value away.
    ///
    /// - Returns: nil when there is none.
    @inlinable
    public mutating func popLast() -> Element? {
        if length == 0 { return nil }
        length &-= 1
        return base[length]
    }

    @inlinable
    @inline(never)
    mutating func enlarge(to least: Int) {
        capacity = max(16, least, capacity * 2)
        let larger = Memory(capacity: capacity)
        larger.base.update(from: base, count: length)
        memory = larger
        base = larger.base
    }

    /// What it holds, until it grows.
    @inlinable public var buffer: UnsafeBufferPointer<Element> { UnsafeBufferPointer(start: base, count: length) }

    /// Forgets the values and keeps the memory.
    @inlinable
    public mutating func removeAll() { length = 0 }
}
