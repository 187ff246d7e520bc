import Dynamo
import Simulation

extension Scenario {
    /// Five nodes, N 3, R and W 2; crashes and network partitions all along, and a network that loses messages now and
    /// then.
    static func rough(seed: UInt64, configure: (inout Configuration) -> Void = { _ in }) -> Scenario {
        var settings = Cluster.Settings(nodes: 5)
        settings.seed = seed
        settings.configuration.partitions = 16
        settings.network.lostPerThousand = Int(seed % 3) * 5
        // Slower than a node restarts: answers to an earlier life arrive in the next.
        if seed % 5 == 4 { settings.network.latency = 1_000_000...400_000_000 }
        settings.clockSkew = 2_000_000
        // Reaping relies on the order of messages; everything else has to do without.
        if seed % 4 == 3 {
            settings.network.keepsOrder = false
            settings.configuration.reapAfter = nil
        }
        configure(&settings.configuration)
        var scenario = Scenario(settings)
        scenario.add(FaultMix())
        return scenario
    }

    func judged(converges: Bool = true) throws -> [Judge.Anomaly] { try Judge(run(), converges: converges).anomalies }
}

/// Keys as the simulated clients name them.
func key(_ name: String, bucket: String = "bucket") -> Key { Key(bucket: Array(bucket.utf8), name: Array(name.utf8)) }
