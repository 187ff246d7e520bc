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
        var events: Int32 = 0
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
        chunks = ChunkPool(chunkSize: max(1 << 10, min(64 << 10, memory / (4 * max(count, 1)))))
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

    func isEmpty(_ number: Int) -> Bool { heads[number].events == 0 }
    func events(_ number: Int) -> Int { Int(heads[number].events) }

    /// A place to which at most `room` bytes may be written; ``end(_:_:)`` takes back where they ended.
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
        heads[number].events &+= 1
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

    /// Copies a whole stream, with padding behind it for its reader.
    func bytes(_ number: Int) throws(HistoryError) -> [UInt8] {
        var pieces = bodies[number].pieces
        if let base = bodies[number].base, let cursor = heads[number].cursor {
            pieces.append(.memory(base, count: cursor - base))
        }
        var total = 0
        for piece in pieces {
            switch piece {
            case .memory(_, let count), .file(_, let count): total += count
            }
        }
        var failure: HistoryError?
        let result = [UInt8](unsafeUninitializedCapacity: total + PartReader.padding) { buffer, filled in
            for piece in pieces {
                do throws(HistoryError) {
                    switch piece {
                    case .memory(let base, let count):
                        buffer.baseAddress.map { ($0 + filled).update(from: base, count: count) }
                        filled += count
                    case .file(let offset, let count):
                        let part = UnsafeMutableBufferPointer(rebasing: buffer[filled..<filled + count])
                        try spilled?.fill(UnsafeMutableRawBufferPointer(part), from: offset)
                        filled += count
                    }
                } catch {
                    failure = error
                    return
                }
            }
            for place in filled..<filled + PartReader.padding { buffer[place] = 0 }
            filled += PartReader.padding
        }
        if let failure { throw failure }
        return result
    }
}
