import Glibc

/// The signals that ask a node to stop, kept from killing it so that one thread can wait for them.
struct TerminationSignals {
    private let set: sigset_t

    /// Blocks them in this thread and in all that it starts from now on.
    static func block() -> TerminationSignals {
        var set = sigset_t()
        sigemptyset(&set)
        for number in [SIGTERM, SIGINT] {
            // A parent may have left them ignored, and then they would never arrive.
            signal(number, SIG_DFL)
            sigaddset(&set, number)
        }
        pthread_sigmask(SIG_BLOCK, &set, nil)
        // A peer that closes its connection is an error to the write, not the end of the process.
        signal(SIGPIPE, SIG_IGN)
        return TerminationSignals(set: set)
    }

    /// Returns when one of them comes.
    func wait() {
        var set = set
        var number: CInt = 0
        while sigwait(&set, &number) != 0 {}
    }
}
