import Dynamo

/// Builds a page in Prometheus' text format: for each metric its help, its type, then its samples.
struct MetricsText {
    private(set) var text = ""

    mutating func counter(_ name: String, _ help: String, _ value: Int) {
        head(name, "counter", help)
        sample(name, value: "\(value)")
    }

    mutating func gauge(_ name: String, _ help: String, _ value: Int) {
        head(name, "gauge", help)
        sample(name, value: "\(value)")
    }

    mutating func head(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    mutating func sample(_ name: String, _ labels: [(String, String)] = [], value: String) {
        text += name
        if !labels.isEmpty {
            text += "{" + labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",") + "}"
        }
        text += " \(value)\n"
    }

    /// - Parameter counts: each bucket's label and own count, the last, boundless one left out.
    mutating func histogram(
        _ name: String, _ labels: [(String, String)], _ counts: [(bound: String, count: Int)], count: Int,
        sum: String
    ) {
        var below = 0
        for (bound, count) in counts {
            below += count
            sample(name + "_bucket", labels + [("le", bound)], value: "\(below)")
        }
        sample(name + "_bucket", labels + [("le", "+Inf")], value: "\(count)")
        sample(name + "_sum", labels, value: sum)
        sample(name + "_count", labels, value: "\(count)")
    }

    private static func escaped(_ value: String) -> String {
        var escaped = ""
        for character in value {
            switch character {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.append(character)
            }
        }
        return escaped
    }
}

extension Metrics {
    /// What is measured when asked, not counted as it happens.
    struct Gauges {
        var hints: [String: Int]
        var peers: [PeerState]
        var objects: Int
        var openRequests: Int
        var ringVersion: Int, ringChangesPending: Int, ringLimit: Int
        var storeFailing: Bool
        var residentBytes: Int
    }

    /// The whole page.
    func page(_ gauges: Gauges) -> String {
        var page = MetricsText()
        page.gauge("dynamo_hints_waiting", "Hints held for other nodes.", gauges.hints.values.reduce(0, +))
        page.head("dynamo_hints_waiting_for", "gauge", "Hints held, by home.")
        for (home, count) in gauges.hints.sorted(by: { $0.key < $1.key }) {
            page.sample("dynamo_hints_waiting_for", [("home", home)], value: "\(count)")
        }
        page.counter("dynamo_hints_stored_total", "Hints stored.", hintsStored)
        page.counter("dynamo_hints_delivered_total", "Hints that their home made durable.", hintsDelivered)
        page.counter("dynamo_hints_dropped_total", "Hints lost on purpose, by a planted flaw.", hintsDropped)
        page.counter("dynamo_exchanges_total", "Merkle exchanges ended.", exchanges)
        page.counter(
            "dynamo_exchange_keys_differing_total", "Keys that a Merkle exchange found to differ.",
            exchangeKeysDiffering)
        page.counter("dynamo_exchange_bytes_total", "Bytes of exchange messages sent.", exchangeBytes)
        page.counter("dynamo_read_repairs_total", "Stale replicas repaired by a read.", readRepairs)
        page.counter("dynamo_requests_forwarded_total", "Requests passed on to a coordinator.", forwarded)
        page.counter(
            "dynamo_hints_expired_total", "Hints given up because they were older than the hint window.", hintsExpired)
        page.counter(
            "dynamo_siblings_warnings_total", "Puts that left more siblings than the warning allows.", manySiblings)
        page.counter(
            "dynamo_tombstones_reaped_total", "Tombstones deleted after all homes had them.", tombstonesReaped)
        page.counter(
            "dynamo_reap_rounds_aborted_total", "Rounds of reaping that a silent member kept from ending.",
            reapsAborted)
        page.counter("dynamo_quorum_failures_total", "Requests that found no quorum.", quorumFailures)
        appendRequests(to: &page)
        page.head("dynamo_peer_suspected", "gauge", "1 while the failure detector holds the peer for failed.")
        for peer in gauges.peers {
            page.sample("dynamo_peer_suspected", [("peer", peer.name)], value: peer.suspected ? "1" : "0")
        }
        page.counter("dynamo_peer_dropped_total", "Messages to peers dropped from a full queue.", peerDropped)
        page.counter("dynamo_peer_refused_total", "Peer connections closed for what they sent.", peerRefused)
        page.gauge("dynamo_ring_version", "Changes of the ring that are completed.", gauges.ringVersion)
        page.gauge(
            "dynamo_ring_changes_pending", "Changes of the ring whose data still moves.", gauges.ringChangesPending)
        page.gauge(
            "dynamo_membership_changes_limit", "The most changes that the membership's log holds.", gauges.ringLimit)
        page.counter(
            "dynamo_transfer_keys_total", "Keys fetched from their homes before this node became one of them.",
            keysTransferred)
        page.counter(
            "dynamo_surplus_sent_total", "Objects sent to homes that lacked them, since they do not belong here.",
            surplusSent)
        page.counter(
            "dynamo_surplus_deleted_total", "Objects deleted that do not belong here and that every home has.",
            surplusDeleted)
        page.gauge("dynamo_objects", "Objects stored, tombstones included.", gauges.objects)
        page.gauge("dynamo_requests_open", "Client requests being served.", gauges.openRequests)
        appendConnections(to: &page)
        appendTraffic(to: &page)
        page.head("dynamo_get_siblings", "histogram", "Live versions that a get found.")
        page.histogram(
            "dynamo_get_siblings", [], zip(CountHistogram.bounds, siblings.counts).map { ("\($0)", $1) },
            count: siblings.count, sum: "\(siblings.sum)")
        page.counter("dynamo_syncs_total", "Batches written and synced to disk.", syncs)
        page.head("dynamo_sync_seconds_sum", "counter", "Time that those took.")
        page.sample("dynamo_sync_seconds_sum", value: "\(Double(syncNanoseconds) / 1e9)")
        page.counter("dynamo_store_errors_total", "Reads and writes that the disk refused.", storeErrors)
        page.counter("dynamo_store_corrupt_rows_total", "Corrupt rows found.", corruptRows)
        page.gauge("dynamo_store_failing", "1 while the disk refuses writes.", gauges.storeFailing ? 1 : 0)
        page.gauge("process_resident_memory_bytes", "Resident memory.", gauges.residentBytes)
        return page.text
    }

    private func appendRequests(to page: inout MetricsText) {
        page.head("dynamo_request_seconds", "histogram", "From a request's arrival to its answer.")
        for operation in Operation.allCases {
            for outcome in Outcome.allCases {
                let histogram = requests[Served(operation: operation, outcome: outcome)]
                // Every operation has a successful series from the start, so that rates begin at zero.
                guard let histogram = histogram ?? (outcome == .ok ? LatencyHistogram() : nil) else { continue }
                let labels = [("op", operation.rawValue), ("outcome", outcome.rawValue)]
                page.histogram(
                    "dynamo_request_seconds", labels, histogram.toldCounts, count: histogram.count,
                    sum: "\(Double(histogram.sum) / 1e9)")
            }
        }
    }

    private func appendTraffic(to page: inout MetricsText) {
        let series: [(String, String, (MessageKind) -> Int)] = [
            ("dynamo_peer_messages_sent_total", "Messages to peers.", { self.sent[$0]?.messages ?? 0 }),
            ("dynamo_peer_bytes_sent_total", "Bytes of messages to peers.", { self.sent[$0]?.bytes ?? 0 }),
            ("dynamo_peer_messages_received_total", "Messages from peers.", { self.received[$0] ?? 0 }),
        ]
        for (name, help, value) in series {
            page.head(name, "counter", help)
            for kind in MessageKind.allCases {
                page.sample(name, [("kind", kind.rawValue)], value: "\(value(kind))")
            }
        }
        page.counter("dynamo_peer_bytes_received_total", "Bytes from peers.", peerBytesReceived)
    }

    private func appendConnections(to page: inout MetricsText) {
        let series: [(String, String, String, [Port: Int])] = [
            ("dynamo_connections", "gauge", "Connections open, by port.", connections),
            ("dynamo_connections_refused_total", "counter", "Connections closed for want of room.", connectionsRefused),
            (
                "dynamo_connections_dropped_total", "counter", "Connections closed for what their client did.",
                connectionsDropped
            ),
        ]
        for (name, type, help, values) in series {
            page.head(name, type, help)
            for port in Port.allCases {
                page.sample(name, [("port", port.rawValue)], value: "\(values[port] ?? 0)")
            }
        }
    }
}
