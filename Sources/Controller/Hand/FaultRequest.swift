import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// What `dyno fault` asks of a running cluster, over a unix socket: one line of JSON there, one back.
public struct FaultRequest: Codable, Sendable, Hashable {
    public enum Deed: String, Codable, Sendable {
        case start, stop, list
    }

    public struct Answer: Codable, Sendable, Hashable {
        public var isGood: Bool
        /// For a person.
        public var text: String
    }

    public var deed: Deed
    /// Of a start: the fault in the words of a workload file, without times. Of a stop: its number, its name, or `all`.
    public var what: String

    public init(_ deed: Deed, _ what: String = "") {
        self.deed = deed
        self.what = what
    }

    /// The socket of this user's cluster, where none is named.
    public static var usualSocket: String { "/tmp/dyno-\(getuid()).sock" }

    /// Asks the cluster that listens at `socket`, and waits for its answer.
    ///
    /// Throws ``FaultSocketError`` when nobody answers there.
    public func ask(at socket: String) throws(FaultSocketError) -> Answer {
        let descriptor = try FaultSocket.open(socket) { connect($0, $1, $2) }
        defer { close(descriptor) }
        guard let request = try? JSONEncoder().encode(self), FaultSocket.write(request, to: descriptor),
            let line = FaultSocket.line(from: descriptor),
            let answer = try? JSONDecoder().decode(Answer.self, from: line)
        else { throw FaultSocketError(description: "the cluster at \(socket) ended before it answered") }
        return answer
    }
}

/// A socket of a cluster that cannot be used.
public struct FaultSocketError: Error, CustomStringConvertible, Sendable {
    public let description: String
}

/// Lines over unix sockets.
enum FaultSocket {
    /// The longest line accepted, in bytes.
    private static let longest = 1 << 20

    /// A socket that `use` (bind or connect) has tied to a path.
    static func open(
        _ path: String, _ use: (Int32, UnsafePointer<sockaddr>, socklen_t) -> Int32
    ) throws(FaultSocketError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let room = MemoryLayout.size(ofValue: address.sun_path) - 1
        guard path.utf8.count <= room else { throw FaultSocketError(description: "\(path) is too long for a socket") }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        let isTied = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                use(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
        guard isTied else {
            let reason = String(cString: strerror(errno))
            close(descriptor)
            throw FaultSocketError(
                description: "no cluster listens at \(path) (\(reason)); dyno cluster --sandbox starts one")
        }
        return descriptor
    }

    static func write(_ data: Data, to descriptor: Int32) -> Bool {
        var rest = data + Data([UInt8(ascii: "\n")])
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            rest = rest.dropFirst(count)
        }
        return true
    }

    /// A line without its end; nil when the other side closes before, or says too much.
    static func line(from descriptor: Int32) -> Data? {
        var line = Data()
        var room = [UInt8](repeating: 0, count: 4096)
        while line.count < longest {
            let count = recv(descriptor, &room, room.count, 0)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return nil }
            line += room[..<count]
            if let end = line.firstIndex(of: UInt8(ascii: "\n")) { return line[..<end] }
        }
        return nil
    }
}
