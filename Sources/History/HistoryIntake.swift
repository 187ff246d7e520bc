/// A history that is to be checked, in a form that can be read as often as need be in bounded memory.
///
/// A native file is that already. A text is parsed into memory; when it gets too long for that, it goes, part by part, to a
/// temporary file in the native form, which has no name and is gone when the last one lets go of it.
package struct HistoryIntake: Sendable {
    private enum Form: Sendable {
        case file(String)
        case temporary(TemporaryFile)
        case whole(History)
    }

    private let form: Form

    /// Bytes of text that go to the temporary file at once.
    private static let mostText = 16 << 20

    /// - Parameters:
    ///   - memory: what the history may take before it goes to a temporary file, in bytes.
    ///   - directory: where that is.
    package init(path: String, memory: Int, directory: String) throws(HistoryError) {
        if try HistoryFile.isNative(path: path) {
            form = .file(path)
            return
        }
        guard try InputFile(path: path).size != nil else {
            // A pipe can be read once.
            form = .whole(try HistoryFile.read(path: path))
            return
        }
        var spool: (file: TemporaryFile, writer: NativeWriter)?
        var spooled = 0
        let rest = try HistoryFile.readText(path: path) { (history, length) throws(HistoryError) in
            // What events have beside the form is not in the footprint, but it is no longer than the text.
            if spool == nil {
                guard history.footprint + length > memory else { return }
                spool = try HistoryIntake.spool(history.header, directory)
            } else if history.events.count < NativeLayout.eventLimit, length - spooled < HistoryIntake.mostText {
                // Blocks of a piece of text each would be too small to be worth their dictionaries.
                return
            }
            spooled = length
            do throws(HistoryError) { try spool?.writer.append(history) } catch {
                throw spool?.file.naming(error) ?? error
            }
            history.removeEvents()
        }
        guard let spool else {
            form = .whole(rest)
            return
        }
        do throws(HistoryError) {
            try spool.writer.append(rest)
            try spool.writer.close()
        } catch { throw spool.file.naming(error) }
        form = .temporary(spool.file)
    }

    private static func spool(
        _ header: Header, _ directory: String
    ) throws(HistoryError) -> (file: TemporaryFile, writer: NativeWriter) {
        let file = try TemporaryFile(directory: directory)
        return (file, try NativeWriter(path: file.path, header: header))
    }

    /// The blocks of the history.
    package var source: BlockSource {
        switch form {
        case .file(let path): .file(path)
        case .temporary(let file): .file(file.path)
        case .whole(let history): .blocks([history])
        }
    }

    /// Whether the history went to a temporary file.
    package var isSpooled: Bool { if case .temporary = form { true } else { false } }

    /// The history where it is in memory as a whole.
    package var whole: History? { if case .whole(let history) = form { history } else { nil } }

    /// Takes the history apart by keys.
    package func partition(_ settings: PartitionSettings) throws(HistoryError) -> HistoryPartition {
        switch form {
        case .file(let path): try HistoryPartition.read(path: path, settings: settings)
        case .temporary(let file): try HistoryPartition.read(path: file.path, settings: settings)
        case .whole(let history): try HistoryPartition.of(history, settings: settings)
        }
    }
}
