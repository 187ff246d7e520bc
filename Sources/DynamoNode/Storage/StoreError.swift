import Dynamo

/// Why the store could not open, read or write.
public enum StoreError: LocalStoreError, Hashable, Sendable, CustomStringConvertible {
    /// The data directory or a file in it cannot be used.
    case cannotOpen(path: String, reason: String)
    /// A file that is no database, or one that is damaged beyond single rows.
    case unusable(path: String, reason: String)
    /// Another process has the data directory.
    case inUse(directory: String, holder: String)
    /// The file was written by a version of the store that this one does not know.
    case unknownFormat(path: String, version: Int)
    /// A row whose bytes are not what was written.
    case corruptRow(path: String, key: String)
    case readFailed(path: String, reason: String)
    case writeFailed(path: String, reason: String)

    public var isCorruption: Bool { if case .corruptRow = self { true } else { false } }

    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "cannot open \(path): \(reason)"
        case .unusable(let path, let reason):
            "\(path) cannot be used: \(reason). Move the whole data directory away and start again: "
                + "the node then begins empty, and the other nodes fill it"
        case .inUse(let directory, let holder):
            "the data directory \(directory) is in use by another dynamo-node (\(holder))"
        case .unknownFormat(let path, let version):
            "\(path) has format \(version), which this version of dynamo-node does not know. Start the version that wrote "
                + "it, or move the data directory away: the node then begins empty, and the other nodes fill it"
        case .corruptRow(let path, let key): "the row of \(key) in \(path) is corrupt"
        case .readFailed(let path, let reason): "cannot read \(path): \(reason)"
        case .writeFailed(let path, let reason): "cannot write \(path): \(reason)"
        }
    }
}
