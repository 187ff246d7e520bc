import Dynamo
import Foundation
import RiakProtocol
import Synchronization
import Workload

/// Adds elements to the sets of a ``Ledger``, one after the other, at whatever node answers. A thread of its own.
final class TortureClient: Sendable {
    /// The bucket of all keys.
    static let bucket = "torture"
    /// Seconds that an answer may take.
    private static let patience = 3.0
    /// Microseconds of rest after a failed attempt.
    private static let rest: UInt32 = 5_000

    /// Shared by all clients of a run.
    final class Switch: Sendable {
        /// Clients work while this is set …
        let working = Atomic<Bool>(false)
        /// … and so many are at it.
        let busy = Atomic<Int>(0)
        let ended = Atomic<Bool>(false)
        let failures = Atomic<Int>(0)
        /// A value that nobody wrote under its key: the first seen.
        let corruption = Mutex<String?>(nil)
    }

    private let number: Int
    private let seed: UInt64
    private let ledger: Ledger
    private let targets: [NodeEndpoint]
    private let shared: Switch

    init(number: Int, seed: UInt64, ledger: Ledger, targets: [NodeEndpoint], shared: Switch) {
        self.number = number
        self.seed = seed
        self.ledger = ledger
        self.targets = targets
        self.shared = shared
    }

    /// Works until the run has ended.
    func run() {
        var random = SplitMix64(seed: seed &+ UInt64(number) &* 0x9E37_79B9)
        var node = number % targets.count
        var socket: RiakSocket?
        while !shared.ended.load(ordering: .acquiring) {
            guard shared.working.load(ordering: .acquiring) else {
                usleep(2_000)
                continue
            }
            shared.busy.wrappingAdd(1, ordering: .acquiringAndReleasing)
            defer { shared.busy.wrappingSubtract(1, ordering: .acquiringAndReleasing) }
            // The switch may have been thrown just before this client counted as busy.
            guard shared.working.load(ordering: .acquiring) else { continue }
            do throws(RiakSocket.Failure) {
                let open = try RiakSocket.reuse(
                    socket, host: targets[node].host, port: targets[node].port, limit: Self.patience)
                socket = open
                try add(ledger.take(place: Int(random.next() >> 33)), over: open)
            } catch {
                shared.failures.wrappingAdd(1, ordering: .relaxed)
                socket = nil
                node = (node + 1) % targets.count
                usleep(Self.rest)
            }
        }
    }

    private func add(_ ticket: Ledger.Ticket, over socket: RiakSocket) throws(RiakSocket.Failure) {
        guard let read = try Self.read(ticket.key, r: nil, over: socket) else { return failed() }
        if read.foreign { note("key \(Ledger.name(of: ticket.key)) holds a value that nobody wrote there") }
        var put = RpbPutReq()
        put.bucket = Data(Self.bucket.utf8)
        put.key = Data(Ledger.name(of: ticket.key).utf8)
        if let context = read.context { put.vclock = context }
        put.content.value = Data(Ledger.value(of: ticket.key, read.elements | 1 << UInt64(ticket.element)))
        guard let frame = try? Frame(.putRequest, put) else { return failed() }
        ledger.attempted(ticket)
        let answer = try socket.call(frame)
        if answer.code == MessageCode.putResponse.rawValue { ledger.acknowledged(ticket) } else { failed() }
    }

    private func failed() {
        shared.failures.wrappingAdd(1, ordering: .relaxed)
        usleep(Self.rest)
    }

    private func note(_ corruption: String) {
        shared.corruption.withLock { if $0 == nil { $0 = corruption } }
    }

    /// The union of a key's siblings, with their context; nil when the store refused.
    ///
    /// - Parameter r: replicas that must answer; nil: the store's default.
    static func read(
        _ key: Int, r: Int?, over socket: RiakSocket
    ) throws(RiakSocket.Failure) -> (elements: UInt64, context: Data?, foreign: Bool)? {
        var get = RpbGetReq()
        get.bucket = Data(bucket.utf8)
        get.key = Data(Ledger.name(of: key).utf8)
        if let r { get.r = UInt32(r) }
        guard let frame = try? Frame(.getRequest, get) else { return nil }
        let answer = try socket.call(frame)
        guard answer.code == MessageCode.getResponse.rawValue,
            let response = try? RpbGetResp(serializedBytes: answer.body)
        else { return nil }
        var elements: UInt64 = 0
        var foreign = false
        for content in response.content {
            if let found = Ledger.elements(in: Array(content.value), of: key) {
                elements |= found
            } else {
                foreign = true
            }
        }
        return (elements, response.hasVclock ? response.vclock : nil, foreign)
    }
}
