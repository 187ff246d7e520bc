import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// The calls that a relay makes on its sockets (ip(7), tcp(7)); none blocks.
enum RelaySocket {
    /// Listens on an IPv4 address; -1 and errno when that cannot be.
    static func listen(host: String, port: Int) -> Int32 {
        let descriptor = make()
        guard descriptor >= 0 else { return -1 }
        let isBound = withAddress(host, port) { bind(descriptor, $0, $1) == 0 } && Glibc.listen(descriptor, 128) == 0
        if isBound { return descriptor }
        let reason = errno
        close(descriptor)
        errno = reason
        return -1
    }

    /// Begins to connect; -1 when even that fails.
    static func connect(host: String, port: Int) -> Int32 {
        let descriptor = make()
        guard descriptor >= 0 else { return -1 }
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        let hasBegun = withAddress(host, port) { Glibc.connect(descriptor, $0, $1) == 0 || errno == EINPROGRESS }
        if hasBegun { return descriptor }
        close(descriptor)
        return -1
    }

    /// A connection that waits; -1 when there is none.
    static func accept(_ listener: Int32) -> Int32 {
        let descriptor = Glibc.accept(listener, nil, nil)
        guard descriptor >= 0 else { return -1 }
        prepare(descriptor)
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY)
        return descriptor
    }

    /// Whether a connection that was begun has failed by now.
    static func hasFailed(_ descriptor: Int32) -> Bool {
        var error: Int32 = 0
        var length = socklen_t(MemoryLayout<Int32>.size)
        return getsockopt(descriptor, SOL_SOCKET, SO_ERROR, &error, &length) != 0 || error != 0
    }

    /// Closes with a reset instead of an orderly end (SO_LINGER with no time).
    static func reset(_ descriptor: Int32) {
        var linger = linger(l_onoff: 1, l_linger: 0)
        Glibc.setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &linger, socklen_t(MemoryLayout.size(ofValue: linger)))
        close(descriptor)
    }

    private static func make() -> Int32 {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        if descriptor >= 0 {
            prepare(descriptor)
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR)
        }
        return descriptor
    }

    private static func prepare(_ descriptor: Int32) {
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK)
    }

    private static func setsockopt(_ descriptor: Int32, _ level: Int32, _ option: Int32) {
        var one: Int32 = 1
        Glibc.setsockopt(descriptor, level, option, &one, socklen_t(MemoryLayout<Int32>.size))
    }

    private static func withAddress<Result>(
        _ host: String, _ port: Int, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Result
    ) -> Result {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        return withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
