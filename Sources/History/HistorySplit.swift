/// A history split into groups of keys.
package struct HistorySplit: Sendable {
    /// How groups are taken out of a history.
    package struct Settings: Sendable {
        /// Bytes that groups which are being written may take until they go to their files.
        package var memory: Int
        /// Where temporary files go.
        package var directory: String
        /// Up to so many groups the history is read once for each; more go to temporary files, in one walk.
        package var mostWalks = 6

        package init(memory: Int, directory: String) {
            self.memory = memory
            self.directory = directory
        }
    }

    /// Files that are written at a time.
    private static let mostFiles = 64

    private let source: BlockSource
    private let together: Togetherness
    private let settings: Settings

    package init(_ source: BlockSource, together: Togetherness, settings: Settings) {
        self.source = source
        self.together = together
        self.settings = settings
    }

    /// Calls `body` with the events of each group, one group after the other, until it gives false.
    package func forEach(
        _ groups: [KeyGroup], _ body: (HistoryGroup) throws(HistoryError) -> Bool
    ) throws(HistoryError) {
        if groups.count <= settings.mostWalks {
            for keys in groups where try !body(try HistoryGroup.read(source, keys, together: together)) { return }
            return
        }
        for start in stride(from: 0, to: groups.count, by: HistorySplit.mostFiles) {
            let taken = Array(groups[start..<min(groups.count, start + HistorySplit.mostFiles)])
            let files = try written(taken)
            for (place, keys) in taken.enumerated() {
                let group = try HistoryGroup.readBack(.file(files[place].path), keys, together: together)
                if try !body(group) { return }
            }
        }
    }

    /// Writes each of the groups to a file of its own.
    private func written(_ groups: [KeyGroup]) throws(HistoryError) -> [TemporaryFile] {
        var parts: [GroupWriter] = []
        let pending = max(1024, min(NativeLayout.eventLimit, settings.memory / groups.count / GroupWriter.bytesOfEvent))
        for keys in groups {
            parts.append(
                try GroupWriter(keys, together: together, most: pending, directory: settings.directory))
        }
        let partOf = HistorySplit.places(of: groups)
        var router = KeyRouter(together)
        try source.forEachBlock { (block, firstIndex) throws(HistoryError) in
            router.begin(block)
            for part in parts.indices { parts[part].builder.begin(block) }
            for position in block.events.indices {
                let event = block.events[position]
                let route = router.route(event, block.strings)
                if route.bucket == KeyRouter.Route.everyKey.bucket {
                    for part in parts.indices {
                        parts[part].builder.add(event, route, block, position, firstIndex + position)
                    }
                    continue
                }
                let part = route.bucket < 0 ? -1 : Int(partOf[route.bucket])
                let other = route.other < 0 ? -1 : Int(partOf[route.other])
                if part >= 0 { parts[part].builder.add(event, route, block, position, firstIndex + position) }
                if other >= 0, other != part {
                    parts[other].builder.add(event, route, block, position, firstIndex + position)
                }
            }
            for part in parts.indices { try parts[part].flushIfMany() }
        }
        var files: [TemporaryFile] = []
        for place in parts.indices { files.append(try parts[place].close()) }
        return files
    }

    /// By bucket: which of the groups has it; -1: none.
    private static func places(of groups: [KeyGroup]) -> ContiguousArray<Int32> {
        var places = ContiguousArray<Int32>(repeating: -1, count: KeyBuckets.count + 1)
        for (place, keys) in groups.enumerated() {
            for bucket in keys.isWanted.indices where keys.isWanted[bucket] { places[bucket] = Int32(place) }
        }
        return places
    }
}

/// Writes the events of a group of keys to a temporary file; each carries its index in the whole history in place of its
/// number, which no checker of groups asks for.
private struct GroupWriter {
    /// About how many bytes an event takes until it is written.
    static let bytesOfEvent = 192

    private let file: TemporaryFile
    private let writer: NativeWriter
    var builder: GroupBuilder
    private let most: Int

    init(_ keys: KeyGroup, together: Togetherness, most: Int, directory: String) throws(HistoryError) {
        file = try TemporaryFile(directory: directory)
        writer = try NativeWriter(path: file.path, header: Header())
        builder = GroupBuilder(keys, together: together, reserves: false)
        self.most = most
    }

    mutating func flushIfMany() throws(HistoryError) {
        if builder.group.history.events.count >= most { try flush() }
    }

    mutating func close() throws(HistoryError) -> TemporaryFile {
        try flush()
        do throws(HistoryError) { try writer.close() } catch { throw file.naming(error) }
        return file
    }

    private mutating func flush() throws(HistoryError) {
        let history = builder.takeIndexed()
        do throws(HistoryError) { try writer.append(history) } catch { throw file.naming(error) }
    }
}
