#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#else
    import Darwin
#endif

/// Writes a closed native file anew with blocks as large as they may be and compressed as far as they can be: a recorder
/// seals small ones, for the sake of what its end may cost.
public enum NativeCompaction {
    /// How hard a compaction tries, from 1 to 12.
    private static let level: Int32 = 9

    /// Replaces the file by a smaller one that holds the same history. Until that is whole and on the disk nothing is
    /// changed, and afterwards there is nothing of the old one.
    public static func compact(path: String) throws(HistoryError) {
        let written = path + ".compact"
        do throws(HistoryError) {
            try write(path, to: written)
            if rename(written, path) != 0 {
                throw HistoryError(file: path, reason: "cannot be replaced: \(systemError())")
            }
        } catch {
            unlink(written)
            throw error
        }
    }

    private static func write(_ path: String, to written: String) throws(HistoryError) {
        let file = try InputFile(path: path)
        var (cursor, header) = try NativeReader.open(file)
        guard cursor.indexed != nil else {
            throw HistoryError(file: path, reason: "cannot be compacted: it was never closed")
        }
        let writer = try NativeWriter(path: written, header: header, level: level)
        var pending = History()
        while let frame = try cursor.next(file) {
            if pending.events.count + frame.block.events > NativeLayout.eventLimit {
                try writer.append(pending)
                pending.removeEvents()
            }
            try frame.decode(into: &pending, path: path, version: cursor.version)
        }
        try writer.append(pending)
        try writer.close(synchronize: true)
    }
}
