import Checkers
import History
import Testing

/// Reads of so many versions that the checkers look for what is behind them all at once.
@Suite struct WideReadTests {
    /// Appends a whole operation on key `k`: its invocation and its completion `ok`.
    private static func operate(
        _ history: inout History, _ process: Int64, _ function: Function, _ id: String? = nil,
        list: EventDraft.List
    ) {
        var event = EventDraft(Int64(history.events.count), .client(process), .invoke, function)
        event.key = "k"
        event.value = id
        if function == .put { event.list = list }
        history.append(event)
        event.type = .ok
        event.list = function == .get ? list : .absent
        history.append(event)
    }

    /// A process reads many versions, writes over each, and reads what others wrote over those: its own writes are one
    /// step back from that read, what it read before three. Looking one step back must not hide what lies further.
    @Test func aSecondLookGoesFurtherBack() {
        let width = 40
        var history = History()
        func level(_ name: String, by process: Int64, over older: String?) {
            for number in 0..<width {
                Self.operate(
                    &history, process, .put, "\(name)\(number)", list: .ids(older.map { ["\($0)\(number)"] } ?? []))
            }
        }
        func read(_ name: String) {
            let versions = (0..<width).map { VersionDraft(id: "\(name)\($0)") }
            Self.operate(&history, 0, .get, list: .versions(versions))
        }
        level("a", by: 1, over: nil)
        read("a")
        level("b", by: 1, over: "a")
        level("c", by: 0, over: "b")
        level("d", by: 1, over: "c")
        read("d")
        #expect(check(history, checkers: [.session])[.session] == CheckerResult(validity: .valid))
    }
}
