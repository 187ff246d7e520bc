import Glibc

/// How many files and sockets the process may have open.
enum FileDescriptorLimit {
    /// Raises the limit as far as the system allows without a privilege. What shells set, often 1,024, is less than the
    /// connections that a node takes; one that still runs out refuses connections, and goes on with those it has.
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max
        else { return }
        // Far beyond any use, and some systems have no other bound.
        limit.rlim_cur = min(limit.rlim_max, 1 << 20)
        _ = setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
