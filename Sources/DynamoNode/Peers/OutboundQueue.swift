/// Frames that wait for a peer, bounded: when there are too many, the oldest are dropped.
struct OutboundQueue {
    let maximumFrames: Int
    let maximumBytes: Int
    private var frames: [[UInt8]] = []
    private var first = 0
    private(set) var bytes = 0

    init(maximumFrames: Int, maximumBytes: Int) {
        self.maximumFrames = maximumFrames
        self.maximumBytes = maximumBytes
    }

    var count: Int { frames.count - first }
    var isEmpty: Bool { count == 0 }

    /// Adds a frame; returns how many were dropped for it.
    mutating func append(_ frame: [UInt8]) -> Int {
        frames.append(frame)
        bytes += frame.count
        var dropped = 0
        // The new frame itself stays, however long it is.
        while count > 1, count > maximumFrames || bytes > maximumBytes {
            _ = popFirst()
            dropped += 1
        }
        return dropped
    }

    mutating func popFirst() -> [UInt8]? {
        guard first < frames.count else { return nil }
        let frame = frames[first]
        frames[first] = []
        first += 1
        bytes -= frame.count
        if first == frames.count {
            frames.removeAll(keepingCapacity: frames.count <= 1_024)
            first = 0
        } else if first >= 1_024, first * 2 >= frames.count {
            frames.removeFirst(first)
            first = 0
        }
        return frame
    }
}
