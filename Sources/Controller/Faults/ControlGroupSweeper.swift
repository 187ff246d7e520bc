import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// Removes a run's control groups when the run has ended, however it did: a process outside of the run's namespaces that waits
/// for the end of a pipe which only the run holds open.
public enum ControlGroupSweeper {
    /// How long processes of an ended run may take to be gone.
    private static let limit: Duration = .seconds(20)

    /// What the sweeping process does: waits until standard input ends, then removes the groups called `name`. Processes that are
    /// still in them are killed: they can only be the run's.
    public static func wait(thenRemove name: String) {
        for number in [SIGINT, SIGTERM, SIGHUP] { signal(number, SIG_IGN) }
        var byte: UInt8 = 0
        while true {
            let count = read(0, &byte, 1)
            if count == 0 || (count < 0 && errno != EINTR) { break }
        }
        let deadline = ContinuousClock.now + limit
        while !remove(name), ContinuousClock.now < deadline {
            for pid in members(of: name) { kill(pid, SIGKILL) }
            usleep(20_000)
        }
    }

    /// Removes what is empty; whether nothing is left.
    @discardableResult
    static func remove(_ name: String) -> Bool {
        for place in ControlGroups.places(of: name) {
            for group in groups(in: place) { rmdir(group) }
            rmdir(place)
        }
        return !ControlGroups.places(of: name).contains { access($0, F_OK) == 0 }
    }

    private static func members(of name: String) -> [pid_t] {
        ControlGroups.places(of: name).flatMap { place in
            (groups(in: place) + [place]).flatMap { group in
                ((try? String(contentsOfFile: group + "/cgroup.procs", encoding: .utf8)) ?? "").split(separator: "\n")
                    .compactMap { pid_t($0) }
            }
        }
    }

    private static func groups(in place: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: place)) ?? []
        return names.map { "\(place)/\($0)" }.filter { access($0 + "/cgroup.procs", F_OK) == 0 }
    }
}
