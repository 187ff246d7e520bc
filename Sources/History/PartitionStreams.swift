#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// The byte streams of the parts of a history: in memory as long as they may be, then in one temporary file without a
/// name, which is gone when this process is, however it ends.
final class PartitionStreams: @unchecked Sendable {
    // Written by one thread; once that is over, only read, by any number of threads. Hence unchecked.

    /// Where a stretch of a stream is.
    private enum Piece {
        case memory(UnsafeMutablePointer<UInt8>, count: Int)
        case file(offset: Int, count: Int)
    }

    private struct Stream {
        var pieces: [Piece] = []
        /// The chunk that is being filled.
        var base: UnsafeMutablePointer<UInt8>?
        var cursor: UnsafeMutablePointer<UInt8>?
        var capacity = 0
        /// Index and time of the last event: what the next one's are coded as differences from.
        var lastIndex = -1
        var lastTime: Int64 = 0
        var events = 0
        var isEmpty: Bool { pieces.isEmpty && base == nil }
    }

    /// Behind a pointer, for the sake of the writer's loop: no access to it needs to be checked as one to a member of
    /// a class is.
    private let streams: UnsafeMutableBufferPointer<Stream>
    private let chunkSize: Int
    private let memoryLimit: Int
    private let directory: String
    private var held = 0
    private var spilled: SpillFile?

    /// - Parameters:
    ///   - count: how many streams.
    ///   - memory: what they may take in memory, in bytes.
    ///   - directory: where the temporary file goes.
    init(count: Int, memory: Int, directory: String) {
        streams = .allocate(capacity: count)
        streams.initialize(repeating: Stream())
        memoryLimit = memory
        chunkSize = max(1 << 10, min(64 << 10, memory / (4 * max(count, 1))))
        self.directory = directory
    }

    deinit {
        for stream in streams {
            stream.base?.deallocate()
            for case .memory(let base, _) in stream.pieces { base.deallocate() }
        }
        streams.deinitialize()
        streams.deallocate()
    }

    /// Whether any of it lies on disk.
    var isSpilled: Bool { spilled != nil }

    func isEmpty(_ number: Int) -> Bool { streams[number].isEmpty }
    func events(_ number: Int) -> Int { streams[number].events }

    /// A place to which at most `room` bytes may be written; ``end(_:_:)`` takes back where they ended.
    @inline(__always)
    func begin(_ number: Int, room: Int) throws(HistoryError) -> UnsafeMutablePointer<UInt8> {
        if let base = streams[number].base, let cursor = streams[number].cursor,
            streams[number].capacity - (cursor - base) >= room
        {
            return cursor
        }
        return try nextChunk(number, room)
    }

    @inline(__always)
    func end(_ number: Int, _ cursor: UnsafeMutablePointer<UInt8>) {
        streams[number].cursor = cursor
        streams[number].events += 1
    }

    /// The differences of an event's index and time from those of the one before it in the stream.
    @inline(__always)
    func advance(_ number: Int, index: Int, time: Int64) -> (index: UInt64, time: UInt64) {
        let last = (streams[number].lastIndex, streams[number].lastTime)
        streams[number].lastIndex = index
        streams[number].lastTime = time
        return (UInt64(index - last.0), UInt64(bitPattern: time &- last.1))
    }

    private func nextChunk(_ number: Int, _ room: Int) throws(HistoryError) -> UnsafeMutablePointer<UInt8> {
        close(number)
        if held + max(chunkSize, room) > memoryLimit { try spill() }
        let capacity = max(chunkSize, room)
        let base = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        held += capacity
        streams[number].base = base
        streams[number].cursor = base
        streams[number].capacity = capacity
        return base
    }

    private func close(_ number: Int) {
        guard let base = streams[number].base, let cursor = streams[number].cursor else { return }
        streams[number].pieces.append(.memory(base, count: cursor - base))
        streams[number].base = nil
        streams[number].cursor = nil
    }

    /// Writes all that is in memory to the file.
    private func spill() throws(HistoryError) {
        if spilled == nil { spilled = try SpillFile(directory: directory) }
        guard let file = spilled else { return }
        for number in streams.indices {
            close(number)
            for place in streams[number].pieces.indices {
                guard case .memory(let base, let count) = streams[number].pieces[place] else { continue }
                let offset = try file.append(UnsafeRawBufferPointer(start: base, count: count))
                streams[number].pieces[place] = .file(offset: offset, count: count)
                base.deallocate()
            }
        }
        held = 0
    }

    /// Copies a whole stream.
    func bytes(_ number: Int) throws(HistoryError) -> [UInt8] {
        let stream = streams[number]
        var pieces = stream.pieces
        if let base = stream.base, let cursor = stream.cursor { pieces.append(.memory(base, count: cursor - base)) }
        var total = 0
        for piece in pieces {
            switch piece {
            case .memory(_, let count), .file(_, let count): total += count
            }
        }
        var failure: HistoryError?
        let result = [UInt8](unsafeUninitializedCapacity: total) { buffer, filled in
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
        }
        if let failure { throw failure }
        return result
    }
}

/// A temporary file that has no name from the moment it is opened.
private final class SpillFile {
    private let descriptor: Int32
    private let directory: String
    private var size = 0

    init(directory: String) throws(HistoryError) {
        self.directory = directory
        var template = Array("\(directory)/dyno-partition-XXXXXX".utf8CString)
        descriptor = mkstemp(&template)
        if descriptor < 0 {
            throw HistoryError(file: directory, reason: "no temporary file can be made here: \(systemError())")
        }
        unlink(template)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
    }

    deinit { close(descriptor) }

    /// Appends bytes and gives where they begin.
    func append(_ bytes: UnsafeRawBufferPointer) throws(HistoryError) -> Int {
        let offset = size
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done, off_t(offset + done))
            if count < 0 && errno != EINTR {
                throw HistoryError(file: directory, reason: "the temporary file cannot be written: \(systemError())")
            }
            done += max(count, 0)
        }
        size += bytes.count
        return offset
    }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(HistoryError) {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor, buffer.baseAddress.map { $0 + done }, buffer.count - done, off_t(offset + done))
            if count == 0 || count < 0 && errno != EINTR {
                throw HistoryError(file: directory, reason: "the temporary file cannot be read: \(systemError())")
            }
            done += max(count, 0)
        }
    }
}
