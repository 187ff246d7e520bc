/// The byte streams of the parts of a history: in memory as long as they may be, then in one temporary file without a
/// name, which is gone when this process is, however it ends.
final class PartitionStreams: @unchecked Sendable {
    // Written by one thread; once that is over, only read, by any number of threads. Hence unchecked.

    /// Where a stretch of a stream is.
    private enum Piece {
        case memory(UnsafeMutablePointer<UInt8>, count: Int)
        case file(offset: Int, count: Int)
    }

    /// What the writer's loop needs of a stream: half a line of the cache.
    private struct Head {
        /// Where the chunk that is being filled goes on, and where it ends; nil: there is none.
        var cursor: UnsafeMutablePointer<UInt8>?
        var limit: UnsafeMutablePointer<UInt8>?
        var lastTime: Int64 = 0
        /// Index and time of the last event: what the next one's are coded as differences from.
        var lastIndex: Int32 = -1
        /// Versions written so far.
        var versions: Int32 = 0
    }

    /// The rest of a stream.
    private struct Body {
        var pieces: [Piece] = []
        /// The chunk that is being filled.
        var base: UnsafeMutablePointer<UInt8>?
    }

    /// Behind pointers, for the sake of the writer's loop: no access to it needs to be checked as one to a member of
    /// a class is.
    private let heads: UnsafeMutableBufferPointer<Head>
    private let bodies: UnsafeMutableBufferPointer<Body>
    private let chunks: ChunkPool
    private let memoryLimit: Int
    private let directory: String
    private var held = 0
    private var spilled: SpillFile?

    /// - Parameters:
    ///   - count: how many streams.
    ///   - memory: what they may take in memory, in bytes.
    ///   - directory: where the temporary file goes.
    init(count: Int, memory: Int, directory: String) {
        heads = .allocate(capacity: count)
        heads.initialize(repeating: Head())
        bodies = .allocate(capacity: count)
        bodies.initialize(repeating: Body())
        memoryLimit = memory
        chunks = ChunkPool(chunkSize: max(1 << 10, min(16 << 10, memory / (4 * max(count, 1)))))
        self.directory = directory
    }

    deinit {
        heads.deinitialize()
        heads.deallocate()
        bodies.deinitialize()
        bodies.deallocate()
    }

    /// Whether any of it lies on disk.
    var isSpilled: Bool { spilled != nil }

    func isEmpty(_ number: Int) -> Bool { heads[number].lastIndex < 0 }

    /// How many versions a stream has so far.
    @inline(__always)
    func versions(_ number: Int) -> Int32 { heads[number].versions }

    /// One more version is in a stream.
    @inline(__always)
    func countVersion(_ number: Int) { heads[number].versions &+= 1 }

    /// A place to which at most `room` bytes may be written for one event, the padding for its reader among them;
    /// ``end(_:_:)`` takes back where the event ended.
    @inline(__always)
    func begin(_ number: Int, room: Int) throws(HistoryError) -> UnsafeMutablePointer<UInt8> {
        if let cursor = heads[number].cursor, let limit = heads[number].limit, limit - cursor >= room {
            return cursor
        }
        return try nextChunk(number, room)
    }

    @inline(__always)
    func end(_ number: Int, _ cursor: UnsafeMutablePointer<UInt8>) {
        heads[number].cursor = cursor
    }

    /// The differences of an event's index and time from those of the one before it in the stream.
    @inline(__always)
    func advance(_ number: Int, index: Int, time: Int64) -> (index: UInt64, time: UInt64) {
        let last = (index: Int(heads[number].lastIndex), time: heads[number].lastTime)
        heads[number].lastIndex = Int32(truncatingIfNeeded: index)
        heads[number].lastTime = time
        return (UInt64(index - last.index), UInt64(bitPattern: time &- last.time))
    }

    private func nextChunk(_ number: Int, _ room: Int) throws(HistoryError) -> UnsafeMutablePointer<UInt8> {
        close(number)
        if held + max(chunks.chunkSize, room) > memoryLimit { try spill() }
        let capacity = max(chunks.chunkSize, room)
        let base = chunks.take(capacity)
        held += capacity
        bodies[number].base = base
        heads[number].cursor = base
        heads[number].limit = base + capacity
        return base
    }

    private func close(_ number: Int) {
        guard let base = bodies[number].base, let cursor = heads[number].cursor else { return }
        bodies[number].pieces.append(.memory(base, count: cursor - base))
        bodies[number].base = nil
        heads[number].cursor = nil
        heads[number].limit = nil
    }

    /// Writes all that is in memory to the file.
    private func spill() throws(HistoryError) {
        if spilled == nil { spilled = try SpillFile(directory: directory) }
        guard let file = spilled else { return }
        for number in bodies.indices {
            close(number)
            for place in bodies[number].pieces.indices {
                guard case .memory(let base, let count) = bodies[number].pieces[place] else { continue }
                let offset = try file.append(UnsafeRawBufferPointer(start: base, count: count))
                bodies[number].pieces[place] = .file(offset: offset, count: count)
            }
        }
        chunks.takeBackAll()
        held = 0
    }

    /// Calls `body` with a whole stream: stretches of whole events, each with padding behind it for its reader.
    ///
    /// - Parameter scratch: memory for what has to be read from the file; the next call uses it again.
    func withStretches(
        _ number: Int, _ scratch: inout [UInt8], _ body: ([UnsafeRawBufferPointer]) throws(HistoryError) -> Void
    ) throws(HistoryError) {
        var stretches: [UnsafeRawBufferPointer] = []
        try load(number, &scratch)
        try scratch.reading { (loaded) throws(HistoryError) in
            if loaded.count > PartReader.padding {
                stretches.append(.init(rebasing: loaded[..<(loaded.count - PartReader.padding)]))
            }
            for case .memory(let base, let count) in bodies[number].pieces {
                stretches.append(UnsafeRawBufferPointer(start: base, count: count))
            }
            if let base = bodies[number].base, let cursor = heads[number].cursor {
                stretches.append(UnsafeRawBufferPointer(start: base, count: cursor - base))
            }
            try body(stretches)
        }
    }

    /// Reads what of a stream is in the file, which is all that came before what is in memory.
    private func load(_ number: Int, _ scratch: inout [UInt8]) throws(HistoryError) {
        scratch.removeAll(keepingCapacity: true)
        guard let spilled else { return }
        var filled = 0
        for case .file(_, let count) in bodies[number].pieces { filled += count }
        scratch.append(contentsOf: repeatElement(0, count: filled + PartReader.padding))
        var failure: HistoryError?
        scratch.withUnsafeMutableBytes { buffer in
            filled = 0
            for case .file(let offset, let count) in bodies[number].pieces {
                let stretch = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<filled + count])
                do throws(HistoryError) { try spilled.fill(stretch, from: offset) } catch { failure = error }
                filled += count
            }
        }
        if let failure { throw failure }
    }
}
