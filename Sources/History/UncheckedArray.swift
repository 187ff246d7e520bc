/// Trivial values for a hot loop: no check of bounds in release, and no check of who else holds them.
///
/// An array of the library asks before each write whether it is shared; a loop that writes to several of them for each event spends
/// a good part of its time on the answer, which is always no. Whoever holds one of these vouches for the bounds, and for not
/// using a copy beside the original: copies share their memory.
package struct UncheckedArray<Element: BitwiseCopyable & Sendable>: @unchecked Sendable {
    /// Frees the memory when the last copy is gone.
    @usableFromInline
    package final class Memory {
        @usableFromInline let base: UnsafeMutablePointer<Element>
        @inlinable init(capacity: Int) { base = .allocate(capacity: capacity) }
        @inlinable deinit { base.deallocate() }
    }

    @usableFromInline package var memory: Memory
    @usableFromInline package var base: UnsafeMutablePointer<Element>
    @usableFromInline package var capacity: Int
    package var count = 0

    @inlinable
    package init() {
        capacity = 16
        memory = Memory(capacity: capacity)
        base = memory.base
    }

    @inlinable
    package init(repeating value: Element, count: Int) {
        self.init()
        grow(to: count, filling: value)
    }

    @inlinable
    package subscript(index: Int) -> Element {
        @inline(__always) get {
            assert(index >= 0 && index < count)
            return base[index]
        }
        @inline(__always) nonmutating set {
            assert(index >= 0 && index < count)
            base[index] = newValue
        }
    }

    /// Makes it at least so long; what is new is `value`.
    @inlinable
    package mutating func grow(to length: Int, filling value: Element) {
        if length <= count { return }
        if length > capacity {
            capacity = max(length, capacity * 2)
            let larger = Memory(capacity: capacity)
            larger.base.update(from: base, count: count)
            memory = larger
            base = larger.base
        }
        (base + count).update(repeating: value, count: length - count)
        count = length
    }

    /// Forgets the values and keeps the memory.
    @inlinable
    package mutating func removeAll() { count = 0 }
}
