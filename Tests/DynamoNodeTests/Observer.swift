import Foundation

/// A client of the node's HTTP port.
struct Observer {
    let port: UInt16

    /// Asks with HTTP/1.0, so that the end of the connection is the end of the body.
    func page(_ target: String) throws -> (status: Int, body: String) {
        let socket = try Socket(port: port)
        try socket.send(Array("GET \(target) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n".utf8))
        let text = String(decoding: try socket.receiveAll(), as: UTF8.self)
        let parts = text.components(separatedBy: "\r\n\r\n")
        let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0
        let body = parts.dropFirst().joined(separator: "\r\n\r\n")
        return (status, parts[0].lowercased().contains("chunked") ? Self.unchunked(body) : body)
    }

    /// A page of JSON objects, one a line.
    func lines(_ target: String) throws -> [[String: Any]] {
        try page(target).body.split(separator: "\n").compactMap { line in
            try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
        }
    }

    /// The value of a metric's sample, 0 when it is not there.
    func metric(_ name: String) throws -> Double {
        let line = try page("/metrics").body.split(separator: "\n").first { $0.hasPrefix(name + " ") }
        return line.flatMap { Double($0.dropFirst(name.count + 1)) } ?? 0
    }

    private static func unchunked(_ text: String) -> String {
        var body: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while let end = rest.firstIndex(of: 0x0D), rest[(end + 1)...].first == 0x0A,
            let length = Int(String(decoding: rest[..<end], as: UTF8.self), radix: 16), length > 0
        {
            body += rest[(end + 2)...].prefix(length)
            rest = rest[(end + 2)...].dropFirst(length + 2)
        }
        return String(decoding: body, as: UTF8.self)
    }
}
