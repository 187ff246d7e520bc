import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Processor time used so far, in seconds.
enum ProcessorTime {
    static var ofProcess: Double { seconds(CLOCK_PROCESS_CPUTIME_ID) }
    static var ofThread: Double { seconds(CLOCK_THREAD_CPUTIME_ID) }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}

/// A process that is run to its end, and what it took.
enum MeasuredProcess {
    struct Result {
        /// The exit status; 128 and the signal when one ended it.
        var status: Int32
        /// Seconds.
        var elapsed: Double
        /// Seconds, of all its threads, in the program and in the kernel.
        var processorTime: Double
        /// The most that it held in memory, in bytes.
        var peakMemory: Int
    }

    /// Runs a program without input or output.
    static func run(_ executable: String, _ arguments: [String]) throws -> Result {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
        var words = ([executable] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var process: pid_t = 0
        let began = ContinuousClock.now
        guard posix_spawn(&process, executable, &actions, nil, &words, environ) == 0 else {
            throw Failure.broken("\(executable) cannot be started")
        }
        var status: Int32 = 0
        var usage = rusage()
        while wait4(process, &status, 0, &usage) < 0 && errno == EINTR {}
        let signal = status & 0x7F
        return Result(
            status: signal == 0 ? status >> 8 & 0xFF : 128 + signal,
            elapsed: (ContinuousClock.now - began) / .seconds(1),
            processorTime: seconds(usage.ru_utime) + seconds(usage.ru_stime),
            peakMemory: Int(usage.ru_maxrss) * 1024)
    }

    private static func seconds(_ time: timeval) -> Double { Double(time.tv_sec) + Double(time.tv_usec) * 1e-6 }
}
