import Glibc
import Synchronization

/// The files of the commit log: made before they are needed, used again once what they held is in the databases.
///
/// A segment gets its name only when it is whole and on disk. May be called from any thread.
final class SegmentDirectory: Sendable {
    let path: String
    /// Files whose contents are no longer needed.
    private let spare = Mutex<[String]>([])

    /// Makes the directory when it is not there.
    init(path: String, in parent: String) throws(StoreError) {
        self.path = path
        if mkdir(path, 0o755) == 0 {
            try Self.syncDirectory(parent)
        } else if errno != EEXIST {
            throw .cannotOpen(path: path, reason: SystemError.text(errno))
        }
    }

    func path(of segment: UInt64) -> String { "\(path)/\(segment)" }

    /// The segments there are, ascending.
    func numbers() throws(StoreError) -> [UInt64] {
        guard let directory = opendir(path) else { throw .cannotOpen(path: path, reason: SystemError.text(errno)) }
        defer { closedir(directory) }
        var numbers: [UInt64] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let number = UInt64(name), "\(number)" == name { numbers.append(number) }
        }
        return numbers.sorted()
    }

    /// Makes a segment that is not there yet.
    func prepare(_ segment: UInt64) throws(StoreError) {
        if access(path(of: segment), F_OK) == 0 { return }
        try spare.withLock { (spare: inout [String]) throws(StoreError) in
            // Another thread may have been quicker.
            if access(path(of: segment), F_OK) == 0 { return }
            let draft = path + "/draft"
            if let old = spare.popLast(), rename(old, draft) == 0 {
                try fill(draft, segment, isNew: false)
            } else {
                try fill(draft, segment, isNew: true)
            }
            guard rename(draft, path(of: segment)) == 0 else {
                throw .writeFailed(path: path(of: segment), reason: SystemError.text(errno))
            }
            try Self.syncDirectory(path)
        }
    }

    /// Gives up the segments before one; one file of them is kept to be written over.
    func free(before segment: UInt64) throws(StoreError) {
        for number in try numbers() where number < segment {
            let old = path(of: number)
            let isKept = spare.withLock { spare in
                if spare.isEmpty { spare.append(old) }
                return spare.contains(old)
            }
            if !isKept { unlink(old) }
        }
    }

    /// Writes a whole segment without records and syncs it.
    ///
    /// Zero bytes are written where they might as well only be reserved: to write to reserved blocks for the first time
    /// is a change of the file system's own data, which every sync would have to write as well.
    private func fill(_ draft: String, _ segment: UInt64, isNew: Bool) throws(StoreError) {
        let descriptor = open(draft, O_RDWR | O_CREAT | O_CLOEXEC | (isNew ? O_TRUNC : 0), 0o644)
        guard descriptor >= 0 else { throw .writeFailed(path: draft, reason: SystemError.text(errno)) }
        defer { close(descriptor) }
        if isNew {
            let zeros = [UInt8](repeating: 0, count: 1 << 18)
            for place in stride(from: 0, to: LogLayout.segmentSize, by: zeros.count) {
                try SegmentFile.write(zeros, at: place, to: descriptor, path: draft)
            }
        }
        try SegmentFile.write(
            LogLayout.header(of: segment, size: LogLayout.segmentSize), at: 0, to: descriptor, path: draft)
        guard ftruncate(descriptor, off_t(LogLayout.segmentSize)) == 0, fsync(descriptor) == 0 else {
            throw .writeFailed(path: draft, reason: SystemError.text(errno))
        }
    }

    /// Makes the names in a directory durable.
    static func syncDirectory(_ path: String) throws(StoreError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw .cannotOpen(path: path, reason: SystemError.text(errno)) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw .writeFailed(path: path, reason: SystemError.text(errno)) }
    }
}
