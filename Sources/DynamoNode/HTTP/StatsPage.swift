import Dynamo
import NIOHTTP1

/// `/stats`: of the numbers that Riak tells, those that have a meaning here, under its names.
///
/// Times are microseconds. Riak's are of the last minute, these are of the time since the node started, as the totals
/// are.
enum StatsPage {
    static func page(_ service: ClientService) -> HTTPPage {
        let replica = service.replica
        var stats = Fields()
        let metrics = replica.metrics
        for (name, operation) in [("get", Metrics.Operation.get), ("put", .put)] {
            let latency = metrics.latency(operation)
            stats.add("node_\(name)s", latency.count)
            stats.add("node_\(name)s_total", latency.count)
            stats.add("node_\(name)_fsm_time_mean", latency.count == 0 ? 0 : Int(latency.sum) / latency.count / 1_000)
            stats.add("node_\(name)_fsm_time_median", latency.quantile(0.5))
            stats.add("node_\(name)_fsm_time_95", latency.quantile(0.95))
            stats.add("node_\(name)_fsm_time_99", latency.quantile(0.99))
            stats.add("node_\(name)_fsm_time_100", Int(latency.longest / 1_000))
        }
        stats.add("node_get_fsm_errors_total", metrics.failures(.get))
        let siblings = metrics.siblings
        stats.add("node_get_fsm_siblings_mean", siblings.count == 0 ? 0 : siblings.sum / siblings.count)
        stats.add("read_repairs_total", metrics.readRepairs)
        stats.add("coord_redirs_total", metrics.forwarded)
        stats.add("pbc_active", metrics.connections[.client] ?? 0)
        stats.add("mem_total", ResidentMemory.bytes())
        let configuration = replica.configuration
        stats.add("nodename", text: configuration.node)
        stats.add("connected_nodes", texts: replica.peerStates.filter { !$0.suspected }.map(\.name))
        stats.add("ring_members", texts: configuration.members.map(\.name))
        stats.add("ring_num_partitions", configuration.partitions)
        stats.add("ring_creation_size", configuration.partitions)
        stats.add("riak_kv_vnodes_running", replica.homePartitions.count)
        stats.add("storage_backend", text: "sqlite")
        stats.add("riak_kv_version", text: NodeVersion.riak)
        stats.add("riak_core_version", text: NodeVersion.riak)
        stats.add("dynamo_node_version", text: NodeVersion.text)
        return HTTPPage(.ok, type: "application/json", stats.bytes)
    }

    private struct Fields {
        private var line = JSONLine()
        private var isEmpty = true

        var bytes: [UInt8] { line.bytes + [UInt8(ascii: "}")] }

        private mutating func name(_ name: String) {
            line.raw(isEmpty ? "{" : ",")
            isEmpty = false
            line.string(name)
            line.raw(":")
        }

        mutating func add(_ name: String, _ value: Int) {
            self.name(name)
            line.number(value)
        }

        mutating func add(_ name: String, text: String) {
            self.name(name)
            line.string(text)
        }

        mutating func add(_ name: String, texts: [String]) {
            self.name(name)
            line.raw("[")
            for (index, text) in texts.enumerated() {
                if index > 0 { line.raw(",") }
                line.string(text)
            }
            line.raw("]")
        }
    }
}
