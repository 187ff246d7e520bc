import Foundation
import RiakProtocol

#if canImport(Glibc)
    import Glibc
#endif

/// A blocking connection to a client port: one request, one answer, both within a time limit. For one thread.
final class RiakSocket {
    /// Why there is no answer: the connection is of no more use.
    struct Failure: Error {
        let reason: String
        /// Nothing was sent: the request had no effect.
        let beforeSending: Bool
    }

    private let descriptor: Int32
    private var decoder = FrameDecoder()

    /// Connects. `limit`, in seconds, is also that of each request.
    init(host: String, port: Int, limit: Double) throws(Failure) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { throw Failure(reason: "no socket", beforeSending: true) }
        var patience = timeval(tv_sec: Int(limit), tv_usec: Int((limit - limit.rounded(.down)) * 1e6))
        let size = socklen_t(MemoryLayout<timeval>.size)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
        // Holds for connecting as well.
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(UInt16(clamping: port)).bigEndian
        inet_pton(AF_INET, host, &address.sin_addr)
        let result = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
        guard result == 0 else {
            close(descriptor)
            throw Failure(reason: String(cString: strerror(errno)), beforeSending: true)
        }
    }

    /// A connection that is open already, or a new one.
    static func reuse(
        _ open: RiakSocket?, host: String, port: Int, limit: Double
    ) throws(Failure) -> RiakSocket {
        if let open { return open }
        return try RiakSocket(host: host, port: port, limit: limit)
    }

    deinit { close(descriptor) }

    func call(_ request: Frame) throws(Failure) -> Frame {
        let bytes = request.bytes
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes {
                send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw Failure(reason: "cannot send", beforeSending: false) }
            sent += count
        }
        var buffer = [UInt8](repeating: 0, count: 16_384)
        while true {
            do {
                if let frame = try decoder.next() { return frame }
            } catch {
                throw Failure(reason: "no frame: \(error)", beforeSending: false)
            }
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { throw Failure(reason: count == 0 ? "closed" : "no answer", beforeSending: false) }
            decoder.append(buffer[..<count])
        }
    }
}
