import Glibc

/// The directory in which a node keeps its databases.
enum DataDirectory {
    /// Makes the directory when it is not there, and takes its lock.
    static func prepare(_ path: String) throws(NodeError) -> DirectoryLock {
        do {
            try make(path)
            return try DirectoryLock(directory: path)
        } catch {
            throw .store(error)
        }
    }

    /// Makes the directory and those above it.
    private static func make(_ path: String) throws(StoreError) {
        var made = path.hasPrefix("/") ? "/" : ""
        for part in path.split(separator: "/") {
            made += made.isEmpty || made.hasSuffix("/") ? "\(part)" : "/\(part)"
            if mkdir(made, 0o755) != 0, errno != EEXIST {
                throw .cannotOpen(path: made, reason: SystemError.text(errno))
            }
        }
    }
}
