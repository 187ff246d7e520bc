import Foundation

/// A client of the HTTP port: one connection, kept alive, one request at a time.
final class WebClient {
    struct Reply {
        var status: Int
        /// As it stood on the wire.
        var statusLine: String
        /// By name in small letters, in order.
        var headers: [(name: String, value: String)]
        var body: [UInt8]

        var text: String { String(decoding: body, as: UTF8.self) }

        subscript(name: String) -> String? { headers.first { $0.name == name.lowercased() }?.value }
    }

    struct Closed: Error {}

    private let socket: Socket
    private var buffer: [UInt8] = []

    init(port: UInt16) throws { socket = try Socket(port: port) }

    func send(_ bytes: [UInt8]) throws { try socket.send(bytes) }

    @discardableResult
    func request(
        _ method: String, _ target: String, _ headers: [String] = [], body: [UInt8]? = nil
    ) throws -> Reply {
        var lines = ["\(method) \(target) HTTP/1.1", "Host: x"] + headers
        if let body { lines.append("Content-Length: \(body.count)") }
        try socket.send(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? []))
        return try reply(hasBody: method != "HEAD")
    }

    @discardableResult
    func put(_ target: String, _ value: String, _ headers: [String] = []) throws -> Reply {
        let typed = headers.contains { $0.lowercased().hasPrefix("content-type") }
        return try request(
            "PUT", target, headers + (typed ? [] : ["Content-Type: text/plain"]), body: Array(value.utf8))
    }

    /// The next reply.
    func reply(hasBody: Bool = true) throws -> Reply {
        let lines = try head()
        let headers = lines.dropFirst().map { line in
            let parts = line.split(separator: ":", maxSplits: 1)
            return (name: parts[0].lowercased(), value: String(parts[1]).trimmingCharacters(in: .whitespaces))
        }
        let status = Int(lines[0].split(separator: " ")[1]) ?? 0
        var reply = Reply(status: status, statusLine: lines[0], headers: headers, body: [])
        if status == 100 { return try self.reply(hasBody: hasBody) }
        guard hasBody, status != 204, status != 304 else { return reply }
        if reply["transfer-encoding"] == "chunked" {
            while true {
                let chunk = try chunk()
                if chunk.isEmpty { return reply }
                reply.body += chunk
            }
        }
        reply.body = try take(Int(reply["content-length"] ?? "") ?? 0)
        return reply
    }

    /// A chunk of a chunked body; empty: the last.
    func chunk() throws -> [UInt8] {
        let length = Int(try line(), radix: 16) ?? 0
        let bytes = try take(length)
        _ = try line()
        return bytes
    }

    /// The status line and the headers.
    func head() throws -> [String] {
        var lines: [String] = []
        while true {
            let line = try line()
            if line.isEmpty { return lines }
            lines.append(line)
        }
    }

    private func line() throws -> String {
        while true {
            if let end = buffer.firstIndex(of: 0x0A) {
                let line = buffer[..<end].filter { $0 != 0x0D }
                buffer.removeFirst(end + 1)
                return String(decoding: line, as: UTF8.self)
            }
            try fill()
        }
    }

    private func take(_ count: Int) throws -> [UInt8] {
        while buffer.count < count { try fill() }
        defer { buffer.removeFirst(count) }
        return Array(buffer.prefix(count))
    }

    private func fill() throws {
        guard let bytes = try socket.receive() else { throw Closed() }
        buffer += bytes
    }
}
