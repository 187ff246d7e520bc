import Synchronization

/// What a store under torture has acknowledged, and so owes.
///
/// Each key is a set that only grows: a client reads it, adds an element of its own and writes back the union of all
/// siblings. So every value written after an acknowledged one that it has seen holds its element too, and whatever the
/// store did with concurrent writes and with those of unknown outcome: **an acknowledged element that no sibling holds
/// is a lost write**. An element that nobody ever tried to write is an invention.
///
/// A key has 64 elements and then makes place for a fresh one, so that values stay small and a key costs the ledger a
/// few dozen bytes. Used from many threads.
public final class Ledger: Sendable {
    /// Elements of a key.
    public static let elements = 64

    /// A write: an element of a key.
    public struct Ticket: Hashable, Sendable {
        public let key: Int
        public let element: Int
    }

    /// What a key must hold, as bits.
    public struct Account: Hashable, Sendable {
        public let key: Int
        public let acknowledged: UInt64
        public let attempted: UInt64

        /// Why the store is in debt, given the union of the siblings that it showed; nil when it is not.
        public func complaint(about found: UInt64) -> String? {
            let lost = acknowledged & ~found
            let invented = found & ~attempted
            if lost != 0 { return "key \(Ledger.name(of: key)) lost the acknowledged elements \(Ledger.list(lost))" }
            if invented != 0 { return "key \(Ledger.name(of: key)) holds \(Ledger.list(invented)), which nobody wrote" }
            return nil
        }
    }

    private struct State {
        var acknowledged: [UInt64] = []
        var attempted: [UInt64] = []
        /// Elements of each key that were given out.
        var given: [Int] = []
        /// Keys that are being written.
        var open: [Int] = []
        var acknowledgements = 0
        var attempts = 0
    }

    private let state: Mutex<State>

    /// - Parameter width: keys that are written at the same time.
    public init(width: Int) {
        var state = State()
        for _ in 0..<max(1, width) { state.open.append(Self.add(to: &state)) }
        self.state = Mutex(state)
    }

    /// Hands out an element that nobody had, of the key in one of the places that are open.
    public func take(place: Int) -> Ticket {
        state.withLock { state in
            let place = place % state.open.count
            if state.given[state.open[place]] == Self.elements { state.open[place] = Self.add(to: &state) }
            let key = state.open[place]
            defer { state.given[key] += 1 }
            return Ticket(key: key, element: state.given[key])
        }
    }

    /// The write is about to be sent: from now on it may take effect.
    public func attempted(_ ticket: Ticket) {
        state.withLock {
            $0.attempted[ticket.key] |= 1 << UInt64(ticket.element)
            $0.attempts += 1
        }
    }

    /// The store has acknowledged the write: from now on it owes it.
    public func acknowledged(_ ticket: Ticket) {
        state.withLock {
            $0.acknowledged[ticket.key] |= 1 << UInt64(ticket.element)
            $0.acknowledgements += 1
        }
    }

    /// All keys so far.
    public var accounts: [Account] {
        state.withLock { state in
            state.attempted.indices.map {
                Account(key: $0, acknowledged: state.acknowledged[$0], attempted: state.attempted[$0])
            }
        }
    }

    public var counts: (attempts: Int, acknowledgements: Int) {
        state.withLock { ($0.attempts, $0.acknowledgements) }
    }

    private static func add(to state: inout State) -> Int {
        state.acknowledged.append(0)
        state.attempted.append(0)
        state.given.append(0)
        return state.given.count - 1
    }

    /// The key's name in the store.
    public static func name(of key: Int) -> String { "t\(key)" }

    /// The value that holds a set of elements: the key's name, so that a value that turns up under another key shows,
    /// and the elements as bits.
    public static func value(of key: Int, _ elements: UInt64) -> [UInt8] {
        Array("\(name(of: key)) \(String(elements, radix: 16))".utf8)
    }

    /// The elements in a value; nil when it was never written under this key.
    public static func elements(in value: [UInt8], of key: Int) -> UInt64? {
        let parts = String(decoding: value, as: UTF8.self).split(separator: " ", omittingEmptySubsequences: false)
        guard parts.count == 2, parts[0] == name(of: key) else { return nil }
        return UInt64(parts[1], radix: 16)
    }

    private static func list(_ bits: UInt64) -> String {
        (0..<elements).filter { bits >> UInt64($0) & 1 == 1 }.map(String.init).joined(separator: ", ")
    }
}
