import Dynamo
import Glibc

/// The small pages of the observer: hints, Merkle roots, the ring, metrics.
struct ObserverPages {
    let replica: ReplicaLoop

    func hints() throws -> [UInt8] {
        let counts = try replica.store.hintCounts()
        var line = JSONLine()
        line.raw("{\"count\":")
        line.number(counts.values.reduce(0, +))
        line.raw(",\"homes\":{")
        for (index, (home, count)) in counts.sorted(by: { $0.key < $1.key }).enumerated() {
            if index > 0 { line.raw(",") }
            line.string(home)
            line.raw(":")
            line.number(count)
        }
        line.raw("}}\n")
        return line.bytes
    }

    /// This node's wall clock, in microseconds since 1970: an observer compares it with a clock that it trusts.
    func clock() -> [UInt8] {
        var line = JSONLine()
        line.raw("{\"microseconds\":")
        line.number(ReplicaLoop.wallClock())
        line.raw("}\n")
        return line.bytes
    }

    /// The preference list of every ring partition, or only of the one that `key` falls in.
    func ring(of key: Key? = nil) -> [UInt8] {
        let configuration = replica.configuration
        var line = JSONLine()
        line.raw("{\"partitions\":")
        line.number(configuration.partitions)
        line.raw(",\"n\":")
        line.number(configuration.n)
        line.raw(",\"members\":")
        Self.append(configuration.members.map(\.name), to: &line)
        let partitions =
            key.map { replica.partition(of: $0)...replica.partition(of: $0) } ?? 0...configuration.partitions - 1
        line.raw(",\"preference\":[")
        for partition in partitions {
            if partition > partitions.lowerBound { line.raw(",") }
            Self.append(replica.ring.preferenceList(partition), to: &line)
        }
        line.raw("]}\n")
        return line.bytes
    }

    func metrics() throws -> [UInt8] {
        let status = replica.membershipStatus
        let gauges = Metrics.Gauges(
            hints: try replica.store.hintCounts(), peers: replica.peerStates, objects: replica.store.objectCount,
            openRequests: replica.openRequests, ringVersion: status.changes - status.pending.count,
            ringChangesPending: status.pending.count, ringLimit: status.changesLimit,
            storeFailing: replica.store.isFailing,
            residentBytes: ResidentMemory.bytes())
        return Array(replica.metrics.page(gauges).utf8)
    }

    private static func append(_ names: [String], to line: inout JSONLine) {
        line.raw("[")
        for (index, name) in names.enumerated() {
            if index > 0 { line.raw(",") }
            line.string(name)
        }
        line.raw("]")
    }
}

/// The memory that the process has in use, as the kernel counts it.
enum ResidentMemory {
    /// 0 where the kernel does not tell.
    static func bytes() -> Int {
        let descriptor = open("/proc/self/statm", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return 0 }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 128)
        let length = read(descriptor, &buffer, buffer.count)
        guard length > 0 else { return 0 }
        let fields = String(decoding: buffer[..<length], as: UTF8.self).split(separator: " ")
        guard fields.count > 1, let pages = Int(fields[1]) else { return 0 }
        return pages * sysconf(Int32(_SC_PAGESIZE))
    }
}
