/// What an operation does to the object that it is an operation of.
///
/// The two arguments are codes: of values (``Operations/initialValue`` for the value that nobody wrote), of
/// strings, sets or transactions in the model's pool, or plain integers, as the table says.
///
/// | kind | first | second |
/// | --- | --- | --- |
/// | `read` | what it returned | |
/// | `write` | what it wrote | |
/// | `cas` | what it found | what it put there |
/// | `refusedCas` | what it did not find | |
/// | `append` | what it put behind the value | |
/// | `add`, `remove` | element, or amount of a counter | |
/// | `contains` | element | 1: it was there, 0: it was not |
/// | `acquire`, `release` | | |
/// | `transaction` | the transaction | |
/// | `readTransaction` | the transaction, which writes nothing | |
public enum OperationKind: UInt8, Sendable, CaseIterable {
    case read, write, cas, refusedCas, append, add, remove, contains, acquire, release, transaction, readTransaction

    /// Whether it never changes the object: it may then be put into the order as soon as its answer is right.
    public var isObserver: Bool {
        switch self {
        case .read, .refusedCas, .contains, .readTransaction: true
        case .write, .cas, .append, .add, .remove, .acquire, .release, .transaction: false
        }
    }
}
