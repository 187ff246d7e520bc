/// Histories in files, whatever the form: told apart by their first bytes when read, by their names when written.
public enum HistoryFile {
    /// The endings of the names of the forms that ``write(_:to:)`` knows.
    public static let allowedExtensions = [".dyno", ".jsonl", ".jsonl.gz"]

    private static let pieceSize = 1 << 20

    /// Reads a file: native, JSON Lines, or JSON Lines in gzip.
    ///
    /// The events are not checked against each other: see ``History/validate(file:)``. A native file that was not
    /// closed gives a history with a ``History/truncation``.
    public static func read(path: String) throws(HistoryError) -> History {
        let file = try InputFile(path: path)
        var piece = [UInt8](repeating: 0, count: pieceSize)
        let first = try file.next(&piece, atLeast: NativeLayout.fileMagic.count)
        if NativeReader.isNative(piece[..<first]) {
            if file.size != nil { return try NativeReader.read(file) }
            // A pipe has no places to go back to.
            var all = Array(piece[..<first])
            while case let count = try file.next(&piece, atLeast: 1), count > 0 {
                all.append(contentsOf: piece[..<count])
            }
            return try NativeReader.read(all, file: path)
        }
        return try readText(file, &piece, first) { _, _ in }
    }

    /// Whether a file is in the native form, and can be read from any place.
    static func isNative(path: String) throws(HistoryError) -> Bool {
        let file = try InputFile(path: path)
        guard let size = file.size, size >= NativeLayout.fileMagic.count else { return false }
        return NativeReader.isNative(try file.bytes(NativeLayout.fileMagic.count, from: 0))
    }

    /// Reads a regular file in a text form.
    ///
    /// - Parameter use: called again and again with what was read so far, of which it may take the events away, and the length of
    ///   the text so far.
    static func readText(
        path: String, _ use: (inout History, _ length: Int) throws(HistoryError) -> Void
    ) throws(HistoryError) -> History {
        var piece = [UInt8](repeating: 0, count: pieceSize)
        let file = try InputFile(path: path)
        let first = try file.next(&piece, atLeast: 2)
        return try readText(file, &piece, first, use)
    }

    /// Reads what stood in a file that cannot be read twice, such as a pipe.
    ///
    /// - Parameter file: its name, for errors.
    public static func read(_ bytes: [UInt8], file: String) throws(HistoryError) -> History {
        if NativeReader.isNative(bytes[...]) { return try NativeReader.read(bytes, file: file) }
        guard bytes.starts(with: [0x1F, 0x8B]) else { return try JSONLines.parse(bytes, file: file) }
        var parser = JSONLinesParser(file: file)
        let decoder = try GzipDecoder(file: file)
        try bytes.reading { (bytes) throws(HistoryError) in
            try decoder.consume(UnsafeRawBufferPointer(bytes)) { (text) throws(HistoryError) in try parser.consume(text)
            }
        }
        try decoder.finish()
        return try parser.finish()
    }

    private static func readText(
        _ file: borrowing InputFile, _ piece: inout [UInt8], _ first: Int,
        _ use: (inout History, _ length: Int) throws(HistoryError) -> Void
    ) throws(HistoryError) -> History {
        if piece[..<first].starts(with: [0x1F, 0x8B]) { return try readGzip(file, &piece, first, use) }
        var parser = JSONLinesParser(file: file.path)
        var count = first
        while count > 0 {
            try piece.reading { (bytes) throws(HistoryError) in
                try parser.consume(UnsafeRawBufferPointer(rebasing: bytes[..<count]))
            }
            try parser.handOver(use)
            count = try file.next(&piece, atLeast: 1)
        }
        return try parser.finish()
    }

    private static func readGzip(
        _ file: borrowing InputFile, _ piece: inout [UInt8], _ first: Int,
        _ use: (inout History, _ length: Int) throws(HistoryError) -> Void
    ) throws(HistoryError) -> History {
        var parser = JSONLinesParser(file: file.path)
        let decoder = try GzipDecoder(file: file.path)
        var count = first
        while count > 0 {
            try piece.reading { (bytes) throws(HistoryError) in
                try decoder.consume(UnsafeRawBufferPointer(rebasing: bytes[..<count])) { (text) throws(HistoryError) in
                    try parser.consume(text)
                    try parser.handOver(use)
                }
            }
            count = try file.next(&piece, atLeast: 1)
        }
        try decoder.finish()
        return try parser.finish()
    }

    /// Writes a history in the form that the end of the file's name tells; what the file held before is lost.
    public static func write(_ history: History, to path: String) throws(HistoryError) {
        if path.hasSuffix(".dyno") {
            let writer = try NativeWriter(path: path, header: history.header)
            try writer.append(history)
            try writer.close()
        } else if path.hasSuffix(".jsonl") {
            let file = try OutputFile(path: path)
            try JSONLines.write(history) { (text) throws(HistoryError) in try file.write(text) }
            try file.close()
        } else if path.hasSuffix(".jsonl.gz") {
            let file = try OutputFile(path: path)
            let encoder = try GzipEncoder(file)
            try JSONLines.write(history) { (text) throws(HistoryError) in try encoder.write(text) }
            try encoder.finish()
            try file.close()
        } else {
            let allowed = allowedExtensions.joined(separator: ", ")
            throw HistoryError(file: path, reason: "the name must end in one of \(allowed), which tells the form")
        }
    }
}

extension InputFile {
    /// Reads into `piece` until it holds `minimum` bytes or the file ends, and gives how many there are.
    fileprivate borrowing func next(_ piece: inout [UInt8], atLeast minimum: Int) throws(HistoryError) -> Int {
        var done = 0
        var failure: HistoryError?
        piece.withUnsafeMutableBytes { buffer in
            do throws(HistoryError) {
                while done < minimum {
                    let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[done...]))
                    if count == 0 { break }
                    done += count
                }
            } catch { failure = error }
        }
        if let failure { throw failure }
        return done
    }
}
