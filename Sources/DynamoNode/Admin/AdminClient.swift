import Glibc

/// Asks a node's HTTP port one thing, from the command line: blocks until the answer is there.
struct AdminClient {
    /// Why there is no answer, in one sentence.
    enum Failure: Error, Hashable, CustomStringConvertible {
        case unreachable(Endpoint, reason: String)
        case notANode(Endpoint)
        /// The node said no.
        case refused(Endpoint, status: Int, text: String)

        var description: String {
            switch self {
            case .unreachable(let endpoint, let reason):
                "no node answers at \(endpoint): \(reason). --at takes the --http address of any member that runs"
            case .notANode(let endpoint):
                "what answers at \(endpoint) is not a dynamo-node's HTTP port: --at takes the --http address of a member"
            case .refused(_, _, let text): text
            }
        }
    }

    /// Seconds that a read or write may take.
    private static let patience = 10

    let endpoint: Endpoint

    /// Sends a request without a body; returns the body of a 200.
    func ask(_ method: String, _ target: String) throws(Failure) -> [UInt8] {
        let socket = try connect()
        defer { close(socket) }
        let request =
            "\(method) \(target) HTTP/1.1\r\nHost: \(endpoint)\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        try send(Array(request.utf8), socket)
        let answer = try receiveAll(socket)
        let end = Array("\r\n\r\n".utf8)
        guard let head = answer.firstRange(of: end), answer.starts(with: Array("HTTP/1.1 ".utf8)),
            let status = Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self))
        else { throw .notANode(endpoint) }
        let body = Array(answer[head.upperBound...])
        if status == 200 { return body }
        let text = String(decoding: body, as: UTF8.self)
        if status == 404 { throw .notANode(endpoint) }
        throw .refused(
            endpoint, status: status, text: text.split(separator: "\n").first.map(String.init) ?? "\(status)")
    }

    private func connect() throws(Failure) -> CInt {
        var hints = addrinfo()
        hints.ai_socktype = CInt(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let found = getaddrinfo(endpoint.host, "\(endpoint.port)", &hints, &list)
        guard found == 0 else {
            throw .unreachable(endpoint, reason: String(cString: gai_strerror(found)))
        }
        defer { freeaddrinfo(list) }
        var reason = "no address"
        var next = list
        while let address = next?.pointee {
            let socket = Glibc.socket(address.ai_family, address.ai_socktype | CInt(SOCK_CLOEXEC.rawValue), 0)
            if socket >= 0 {
                var patience = timeval(tv_sec: Self.patience, tv_usec: 0)
                let size = socklen_t(MemoryLayout<timeval>.size)
                setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, size)
                setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &patience, size)
                if Glibc.connect(socket, address.ai_addr, address.ai_addrlen) == 0 { return socket }
                reason = SystemError.text(errno)
                close(socket)
            }
            next = address.ai_next
        }
        throw .unreachable(endpoint, reason: reason)
    }

    private func send(_ bytes: [UInt8], _ socket: CInt) throws(Failure) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL)) }
            if count <= 0 { throw .unreachable(endpoint, reason: SystemError.text(errno)) }
            rest = rest.dropFirst(count)
        }
    }

    private func receiveAll(_ socket: CInt) throws(Failure) -> [UInt8] {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 64 << 10)
        while true {
            let count = recv(socket, &buffer, buffer.count, 0)
            if count < 0 { throw .unreachable(endpoint, reason: SystemError.text(errno)) }
            if count == 0 { return bytes }
            bytes += buffer[..<count]
            // Nothing that a node answers here is that long.
            if bytes.count > 64 << 20 { throw .notANode(endpoint) }
        }
    }
}
