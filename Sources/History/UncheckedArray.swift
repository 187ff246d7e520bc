/// Trivial values for a hot loop: no check of bounds in release, and no check of who else holds them.
///
/// An array of the library asks before each write whether it is shared; a loop that writes to several of them for each event spends
/// a good part of its time on the answer, which is always no. Whoever holds one of these vouches for the bounds, and for not
/// using a copy beside the original: copies share their memory.
public struct UncheckedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// Frees the memory when the last copy is gone.
    @usableFromInline
    final class Memory {
        @usableFromInline let base: UnsafeMutablePointer<Element>
        @inlinable init(capacity: Int) { base = .allocate(capacity: capacity) }
        @inlinable deinit { base.deallocate() }
    }

    @usableFromInline var memory: Memory
    @usableFromInline var base: UnsafeMutablePointer<Element>
    @usableFromInline var capacity: Int
    @usableFromInline var length = 0

    @inlinable public var count: Int { length }

    @inlinable
    public init() {
        capacity = 16
        memory = Memory(capacity: capacity)
        base = memory.base
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

    @inlinable
    @inline(never)
    mutating func enlarge(to least: Int) {
        capacity = max(least, capacity * 2)
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
