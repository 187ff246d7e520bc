/// Frames that wait for their time, the earliest first; of two due at the same time the one that came first.
struct FrameQueue {
    struct Frame {
        /// Nanoseconds on the monotonic clock.
        var due: UInt64
        var number: UInt64
        /// The port that it leaves through.
        var port: Int
        var bytes: [UInt8]
    }

    private var heap: [Frame] = []
    private var numbers: UInt64 = 0
    /// Bytes of all frames that wait.
    private(set) var bytes = 0

    var nextDue: UInt64? { heap.first?.due }

    mutating func push(due: UInt64, port: Int, bytes frame: [UInt8]) {
        numbers += 1
        bytes += frame.count
        heap.append(Frame(due: due, number: numbers, port: port, bytes: frame))
        var child = heap.count - 1
        while child > 0, precedes(child, (child - 1) / 2) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// The earliest frame, if its time has come.
    mutating func pop(at now: UInt64) -> Frame? {
        guard let first = heap.first, first.due <= now else { return nil }
        let last = heap.removeLast()
        if !heap.isEmpty {
            heap[0] = last
            sink()
        }
        bytes -= first.bytes.count
        return first
    }

    private mutating func sink() {
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && precedes(child, least) {
                least = child
            }
            if least == parent { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }

    private func precedes(_ one: Int, _ other: Int) -> Bool {
        (heap[one].due, heap[one].number) < (heap[other].due, heap[other].number)
    }
}
