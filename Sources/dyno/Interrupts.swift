import Controller
import Foundation

/// Ctrl-C and SIGTERM: the first ends the load early, the second ends the process, and with it the sandbox.
final class Interrupts: @unchecked Sendable {
    // Sources and count are touched on the queue alone.
    private let queue = DispatchQueue(label: "interrupts")
    private var sources: [any DispatchSourceSignal] = []
    private var count = 0

    init(progress: RunProgress, interruption: Interruption) {
        for number in [SIGINT, SIGTERM, SIGHUP] {
            signal(number, SIG_IGN)
            let source = DispatchSource.makeSignalSource(signal: number, queue: queue)
            source.setEventHandler { [self] in
                count += 1
                if count > 1 {
                    progress.clear()
                    exit(ExitStatus.broken)
                }
                progress.say("ending early; once more ends everything at once")
                interruption.interrupt()
            }
            source.activate()
            sources.append(source)
        }
    }

    func end() { queue.sync { for source in sources { source.cancel() } } }
}
