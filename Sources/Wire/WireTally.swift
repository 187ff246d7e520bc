/// Counts of everything on the wire: packets and bytes by link and second, messages by link and kind, and by kind and second.
///
/// A link is a direction between two places: the nodes in the order of their ports, and after them the hub (clients, observers).
struct WireTally {
    /// More seconds than this are counted into the last one.
    static let mostSeconds = 100_000

    struct Second {
        var sent = 0
        var delivered = 0
        var bytes = 0
    }

    struct Messages {
        var count = 0
        var bytes = 0
    }

    let places: Int
    private(set) var seconds: [[Second]]
    /// By link, then by kind; empty for a link without messages.
    private(set) var messages: [[Messages]]
    /// By kind, then by second.
    private(set) var kinds: [[Int]]

    /// - Parameter places: nodes and hub.
    init(places: Int) {
        self.places = places
        seconds = Array(repeating: [], count: places * places)
        messages = Array(repeating: [], count: places * places)
        kinds = Array(repeating: [], count: WireKind.count)
    }

    func link(_ from: Int, _ to: Int) -> Int { from * places + to }

    static func second(_ time: Int64) -> Int { min(mostSeconds, max(0, Int(time / 1_000_000_000))) }

    mutating func packet(_ link: Int, at time: Int64, bytes: Int, sent: Bool, delivered: Bool) {
        let second = Self.second(time)
        while seconds[link].count <= second { seconds[link].append(Second()) }
        if sent { seconds[link][second].sent += 1 }
        if delivered {
            seconds[link][second].delivered += 1
            seconds[link][second].bytes += bytes
        }
    }

    mutating func message(_ kind: WireKind, _ link: Int, at time: Int64, bytes: Int) {
        let kind = Int(kind.index)
        if messages[link].isEmpty { messages[link] = Array(repeating: Messages(), count: WireKind.count) }
        messages[link][kind].count += 1
        messages[link][kind].bytes += bytes
        let second = Self.second(time)
        while kinds[kind].count <= second { kinds[kind].append(0) }
        kinds[kind][second] += 1
    }
}
