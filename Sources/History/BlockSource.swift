/// A history that can be gone through again and again, block by block.
package enum BlockSource: Sendable {
    case file(String)
    /// Blocks with strings of their own each, one after the other.
    case blocks([History])

    /// Calls `body` with every block and the index of its first event.
    package func forEachBlock(
        _ body: (_ block: History, _ firstIndex: Int) throws(HistoryError) -> Void
    ) throws(HistoryError) {
        switch self {
        case .file(let path):
            try HistoryFile.forEachBlock(path: path) { (block, firstIndex) throws(HistoryError) in
                try body(block, firstIndex)
                return true
            }
        case .blocks(let blocks):
            var firstIndex = 0
            for block in blocks {
                try body(block, firstIndex)
                firstIndex += block.events.count
            }
        }
    }

    /// About how many events there are; exactly where the index of a file tells.
    func eventEstimate() throws(HistoryError) -> Int {
        switch self {
        case .file(let path):
            let file = try InputFile(path: path)
            return try NativeReader.open(file).cursor.eventEstimate(fileSize: file.size ?? 0)
        case .blocks(let blocks): return blocks.reduce(0) { $0 + $1.events.count }
        }
    }

    /// What an error names.
    package var name: String {
        if case .file(let path) = self { path } else { "the history" }
    }
}
