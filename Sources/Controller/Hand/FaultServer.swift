import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Takes requests over a unix socket, one after the other, on a thread of its own.
final class FaultServer: Sendable {
    /// How long whoever connects may take to say what they want, in seconds.
    private static let patience = 5

    let path: String
    private let listener: Int32

    /// Listens at `path`, which only this user can connect to. What a cluster that was killed left there is replaced.
    init(path: String) throws(FaultSocketError) {
        if let other = try? FaultSocket.open(path, { connect($0, $1, $2) }) {
            close(other)
            throw FaultSocketError(description: "another cluster listens at \(path); name another with --socket")
        }
        unlink(path)
        let mask = umask(0o177)
        defer { umask(mask) }
        listener = try FaultSocket.open(path) { bind($0, $1, $2) == 0 ? listen($0, 8) : -1 }
        self.path = path
    }

    /// Answers requests by `body` from now on.
    func serve(_ body: @escaping @Sendable (FaultRequest) async -> FaultRequest.Answer) {
        Thread.detachNewThread { [self] in
            while true {
                let connection = accept(listener, nil, nil)
                if connection < 0 {
                    if errno == EINTR || errno == ECONNABORTED { continue }
                    return
                }
                var limit = timeval(tv_sec: Self.patience, tv_usec: 0)
                setsockopt(
                    connection, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout.size(ofValue: limit)))
                answer(connection, body)
                close(connection)
            }
        }
    }

    private func answer(_ connection: Int32, _ body: @escaping @Sendable (FaultRequest) async -> FaultRequest.Answer) {
        guard let line = FaultSocket.line(from: connection) else { return }
        guard let request = try? JSONDecoder().decode(FaultRequest.self, from: line) else {
            return reply(.init(isGood: false, text: "that is no request"), connection)
        }
        let done = DispatchSemaphore(value: 0)
        Task.detached { [self] in
            reply(await body(request), connection)
            done.signal()
        }
        // Every request has a limit of its own in what it does.
        done.wait()
    }

    private func reply(_ answer: FaultRequest.Answer, _ connection: Int32) {
        guard let data = try? JSONEncoder().encode(answer) else { return }
        _ = FaultSocket.write(data, to: connection)
    }

    func stop() {
        shutdown(listener, Int32(SHUT_RDWR))
        close(listener)
        unlink(path)
    }
}
