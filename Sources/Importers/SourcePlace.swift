import History

/// Where in a file of another tool something stands.
enum SourcePlace: Hashable {
    /// A line of a text, from 1.
    case line(Int)
    /// A byte of a binary file, from 0.
    case offset(Int)

    /// The error of a fault there.
    func error(_ reason: String, file: String) -> HistoryError {
        switch self {
        case .line(let line): HistoryError(file: file, line: line, reason: reason)
        case .offset(let offset): HistoryError(file: file, offset: offset, reason: reason)
        }
    }
}
