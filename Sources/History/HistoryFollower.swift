#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Reads a native file while another process appends to it, block after block as they are sealed.
public struct HistoryFollower {
    /// What there was to see at a look.
    public enum Sight {
        /// Events that are new, with strings of their own, and the index of the first.
        case events(History, firstIndex: Int)
        /// Nothing new yet.
        case nothing
        /// The writer closed the file: nothing more comes.
        case closed
        /// No process writes the file any more, and it was never closed.
        case abandoned
    }

    private let file: GrowingFile
    private let identity: FileIdentity
    private var cursor: NativeCursor
    public let header: Header

    /// Opens a file whose writer has written at least the header. Throws when it is no native file.
    public init(path: String) throws(HistoryError) {
        let identity = try FileIdentity(path: path)
        let file = GrowingFile(try InputFile(path: path))
        let (cursor, header) = try NativeReader.open(file)
        self.identity = identity
        self.file = file
        // An index that is there already would be found again at the end of the blocks.
        self.cursor = NativeCursor(path: path, version: cursor.version, indexed: nil, start: cursor.offset)
        self.header = header
    }

    /// Looks once.
    public mutating func next() throws(HistoryError) -> Sight {
        // Before looking: what was sealed before the writer let go of the file is there to be read.
        let isHeld = file.file.isHeldByWriter()
        try file.measure()
        let firstIndex = cursor.events
        if let frame = try cursor.next(file) {
            var history = History()
            history.header = header
            try frame.decode(into: &history, path: cursor.path, version: cursor.version)
            return .events(history, firstIndex: firstIndex)
        }
        if try NativeReader.isClosed(file, from: cursor.offset) { return .closed }
        // A compaction puts another file in the place of the one that was closed.
        if let now = try? FileIdentity(path: cursor.path), now != identity { return .closed }
        return isHeld ? .nothing : .abandoned
    }
}

/// A file whose size is measured anew when asked for.
private final class GrowingFile: RandomAccess {
    let file: InputFile
    private(set) var byteCount: Int
    var path: String { file.path }

    init(_ file: consuming InputFile) {
        byteCount = file.size ?? 0
        self.file = file
    }

    func measure() throws(HistoryError) { byteCount = try file.currentSize() }

    func fill(_ buffer: UnsafeMutableRawBufferPointer, from offset: Int) throws(HistoryError) {
        try file.fill(buffer, from: offset)
    }
}

/// Which file a path leads to.
private struct FileIdentity: Equatable {
    private let device: dev_t
    private let inode: ino_t

    init(path: String) throws(HistoryError) {
        var status = stat()
        if stat(path, &status) != 0 { throw HistoryError(file: path, reason: "cannot be opened: \(systemError())") }
        (device, inode) = (status.st_dev, status.st_ino)
    }
}
