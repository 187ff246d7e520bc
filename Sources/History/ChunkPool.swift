#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Memory in chunks of one size, for streams that grow side by side.
///
/// The chunks are cut from slabs that the system may back with huge pages: an event goes to any one of thousands of streams, each
/// at a place of its own, and with small pages each of these places costs a walk through the page tables.
final class ChunkPool {
    let chunkSize: Int
    private var slabs: [UnsafeMutableRawPointer] = []
    /// What is left of the last slab.
    private var next: UnsafeMutablePointer<UInt8>?
    private var left = 0
    private var allocated = 0
    private var free: [UnsafeMutablePointer<UInt8>] = []
    private var taken: [UnsafeMutablePointer<UInt8>] = []
    /// Chunks that are larger than others.
    private var large: [UnsafeMutablePointer<UInt8>] = []

    /// No slab is larger; the first ones are smaller, for a short history's sake.
    private static let slabLimit = 8 << 20
    private static let hugePage = 2 << 20

    init(chunkSize: Int) { self.chunkSize = chunkSize }

    deinit {
        for chunk in large { chunk.deallocate() }
        for slab in slabs { slab.deallocate() }
    }

    /// A chunk of the usual size, or of a larger one.
    func take(_ size: Int) -> UnsafeMutablePointer<UInt8> {
        if size > chunkSize {
            let chunk = UnsafeMutablePointer<UInt8>.allocate(capacity: size)
            large.append(chunk)
            return chunk
        }
        let chunk = free.popLast() ?? cut()
        taken.append(chunk)
        return chunk
    }

    /// All chunks that were taken are free again.
    func takeBackAll() {
        for chunk in large { chunk.deallocate() }
        large.removeAll()
        free.append(contentsOf: taken.reversed())
        taken.removeAll()
    }

    private func cut() -> UnsafeMutablePointer<UInt8> {
        if let chunk = next, left >= chunkSize {
            next = chunk + chunkSize
            left -= chunkSize
            return chunk
        }
        let size = max(chunkSize, min(allocated, ChunkPool.slabLimit))
        let isHuge = size >= ChunkPool.hugePage
        let slab = UnsafeMutableRawPointer.allocate(byteCount: size, alignment: isHuge ? ChunkPool.hugePage : 16)
        #if os(Linux)
            if isHuge { _ = madvise(slab, size, Int32(MADV_HUGEPAGE)) }
        #endif
        slabs.append(slab)
        allocated += size
        let chunk = slab.bindMemory(to: UInt8.self, capacity: size)
        next = chunk + chunkSize
        left = size - chunkSize
        return chunk
    }
}
