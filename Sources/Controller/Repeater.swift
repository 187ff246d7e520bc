import Dispatch

/// Calls a closure again and again on a queue of its own.
final class Repeater: @unchecked Sendable {
    // The source is made here and touched only through its own thread-safe calls.
    private let source: any DispatchSourceTimer

    init(milliseconds: Int) {
        source = DispatchSource.makeTimerSource(queue: DispatchQueue(label: "repeater"))
        source.schedule(deadline: .now() + .milliseconds(milliseconds), repeating: .milliseconds(milliseconds))
    }

    /// Begins; call once.
    func start(_ body: @escaping @Sendable () -> Void) {
        source.setEventHandler(handler: body)
        source.activate()
    }

    func stop() { source.cancel() }
}
