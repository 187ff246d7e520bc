import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Starts processes: posix_spawn with the few things that a run needs (own environment, output to files, signals reset).
enum Spawn {
    struct Failure: Error {
        let reason: String
    }

    /// Starts `executable` and gives back its pid. `arguments` begin with the program's own name.
    ///
    /// - Parameters:
    ///   - keep: descriptors that stay open in the child besides 0, 1 and 2.
    ///   - input: descriptor that becomes the child's standard input; nil: inherited.
    ///   - output: descriptor that becomes the child's standard output; nil: inherited.
    ///   - errors: descriptor that becomes the child's standard error; nil: inherited.
    ///   - isDetached: in a session of its own, out of the reach of the terminal's signals.
    static func start(
        executable: String, arguments: [String], environment: [String: String], keep: [Int32] = [], input: Int32? = nil,
        output: Int32? = nil, errors: Int32? = nil, isDetached: Bool = false
    ) throws(Failure) -> pid_t {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        if let input { posix_spawn_file_actions_adddup2(&actions, input, 0) }
        if let output { posix_spawn_file_actions_adddup2(&actions, output, 1) }
        if let errors { posix_spawn_file_actions_adddup2(&actions, errors, 2) }
        for descriptor in keep { posix_spawn_file_actions_adddup2(&actions, descriptor, descriptor) }

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        // A child must not inherit a signal that this process ignores or blocks.
        var every = sigset_t()
        sigfillset(&every)
        var none = sigset_t()
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &every)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setflags(
            &attributes, Int16(POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | (isDetached ? Self.ownSession : 0)))

        let variables = environment.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
        var pid: pid_t = 0
        let result = withCStrings(arguments) { argv in
            withCStrings(variables) { envp in posix_spawnp(&pid, executable, &actions, &attributes, argv, envp) }
        }
        guard result == 0 else { throw Failure(reason: String(cString: strerror(result))) }
        return pid
    }

    /// `POSIX_SPAWN_SETSID` of <spawn.h>, declared under _GNU_SOURCE alone.
    private static let ownSession: Int32 = 0x80

    /// What a shell would call the exit status of a process that waitpid told of; 128 + signal when it was killed.
    static func exitCode(waitStatus status: Int32) -> Int32? {
        if status & 0x7f == 0 { return (status >> 8) & 0xff }
        return 128 + (status & 0x7f)
    }

    private static func withCStrings<Result>(
        _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let pointers = strings.map { strdup($0) }
        defer { for pointer in pointers { free(pointer) } }
        return body(pointers + [nil])
    }
}
