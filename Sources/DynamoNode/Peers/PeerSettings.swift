import NIOCore

/// How a node keeps its connections to other nodes.
struct PeerSettings {
    /// This node's name and cluster, as it greets others.
    var node: String
    var cluster: String
    /// Names this process among all that ever run for the node.
    let life = UInt64.random(in: 1 ... .max)

    /// A connection attempt that got no answer for so long is given up: on a cut network nothing ever comes back, and
    /// once the cut is healed a fresh attempt gets through at once, while an old one waits for the kernel to send it
    /// again.
    var connectTimeout = TimeAmount.milliseconds(200)
    /// The pause before another attempt; while the peer's process does not run, doubled each time up to the longest.
    var shortestPause = TimeAmount.milliseconds(50)
    var longestPause = TimeAmount.seconds(1)
    /// A connection over which nothing was heard of the peer for so long is replaced: it may hang on packets lost in a
    /// cut.
    var silenceLimit = TimeAmount.milliseconds(600)
    /// A connection from a peer that brought nothing for so long is closed.
    var idleLimit = TimeAmount.seconds(30)
    /// How long a newly accepted connection may take to say who it is.
    var greetingLimit = TimeAmount.seconds(5)

    /// What may wait for a peer that cannot be reached or does not read: beyond it the oldest goes, as on a lossy
    /// network.
    var maximumQueuedFrames = 4_096
    var maximumQueuedBytes = 32 << 20
    var maximumFrameLength = 64 << 20
    /// The longest frame from a connection that has not said who it is, and the most connections from peers.
    var longestGreeting = 1_024
    var maximumConnections = 512
    /// Connections from nodes that are not known as members: one that joins needs one.
    var maximumStrangers = 64
}
