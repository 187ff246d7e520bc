/// Why the store could not open, read or write.
public enum StoreError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The data directory or a file in it cannot be used.
    case cannotOpen(path: String, reason: String)
    /// Another process has the data directory.
    case inUse(directory: String, holder: String)
    /// The file was written by a version of the store that this one does not know.
    case unknownFormat(path: String, version: Int)
    /// A row whose bytes are not what was written.
    case corruptRow(path: String, key: String)
    case readFailed(path: String, reason: String)
    case writeFailed(path: String, reason: String)

    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .inUse(let directory, let holder):
            "the data directory \(directory) is in use by another dynamo-node (\(holder))"
        case .unknownFormat(let path, let version):
            "\(path) has format \(version), which this version of dynamo-node does not know"
        case .corruptRow(let path, let key): "the row of \(key) in \(path) is corrupt"
        case .readFailed(let path, let reason): "cannot read \(path): \(reason)"
        case .writeFailed(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
