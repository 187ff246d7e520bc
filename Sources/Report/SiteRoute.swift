/// What a request to `dyno serve` asks for, and whether it may.
///
/// A path names a run, never a file: the name must be one that the folder's own listing shows, and what a run's directory gives
/// away is a short list. So no path leads anywhere else, however it is spelled.
public enum SiteRoute: Sendable, Hashable {
    case index
    /// The report of a run, by the name of its directory.
    case report(run: String)
    case file(run: String, name: String)
    case notFound

    /// What of a run's directory is given away besides its report.
    public static let files = ["history.dyno", "verdict.json", "summary.txt", "workload.yml"]

    /// - Parameters:
    ///   - target: the request's target: a path, maybe with a query.
    ///   - runs: the names of the folder's runs.
    public init(target: String, runs: some Collection<String>) {
        self = .notFound
        guard target.hasPrefix("/") else { return }
        let path = target.prefix { $0 != "?" && $0 != "#" }
        let parts = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false)
        if parts == [""] {
            self = .index
            return
        }
        guard parts.count == 3, parts[0] == "run", let name = Self.decoded(parts[1]), runs.contains(name) else {
            return
        }
        if parts[2].isEmpty {
            self = .report(run: name)
        } else if let file = Self.files.first(where: { $0 == parts[2] }) {
            self = .file(run: name, name: file)
        }
    }

    /// A name as one component of a path.
    public static func component(_ name: String) -> String {
        name.utf8.map { byte in
            let isPlain =
                (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
                || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || "-_.".utf8.contains(byte)
            return isPlain ? String(UnicodeScalar(byte)) : "%" + hexadecimal(byte)
        }.joined()
    }

    private static func hexadecimal(_ byte: UInt8) -> String {
        let digits = String(byte, radix: 16, uppercase: true)
        return digits.count < 2 ? "0" + digits : digits
    }

    private static func decoded(_ part: Substring) -> String? {
        var bytes: [UInt8] = []
        var rest = part.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            let digits = rest.prefix(2)
            guard digits.count == 2, let text = String(digits), let value = UInt8(text, radix: 16) else { return nil }
            bytes.append(value)
            rest = rest.dropFirst(2)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    /// Whether a `Host` header names this machine as such.
    ///
    /// A page of some other site can have its own name resolve to 127.0.0.1 (DNS rebinding), and would read the runs then: its
    /// requests carry that name.
    public static func isLocal(host: String?) -> Bool {
        guard let host else { return false }
        var name = Substring(host)
        if let colon = name.lastIndex(of: ":"), !name.hasSuffix("]") {
            guard let port = Int(name[name.index(after: colon)...]), (0...65535).contains(port) else { return false }
            name = name[..<colon]
        }
        return ["127.0.0.1", "localhost", "[::1]"].contains(name.lowercased())
    }
}
