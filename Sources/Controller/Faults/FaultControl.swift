import CLinux
import Foundation
import Workload

#if canImport(Glibc)
    import Glibc
#endif

/// The file through which a node's preloaded library is told what is to go wrong: a page that both have mapped.
///
/// It outlives the node's process: a node that is killed and started again finds its clock as wrong as before.
final class FaultControl: @unchecked Sendable {
    let path: String
    /// Written by one call at a time: the nemesis does one thing after the other.
    private let control: UnsafeMutablePointer<fault_control>

    /// Makes the file. `directory`: where the node's disk is, for faults of the disk.
    ///
    /// Throws ``ToolError`` when it cannot be made.
    init(path: String, directory: String) throws(ToolError) {
        self.path = path
        let size = MemoryLayout<fault_control>.size
        let descriptor = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0o666)
        guard descriptor >= 0, ftruncate(descriptor, off_t(size)) == 0 else {
            throw ToolError(tool: ["fault control \(path)"], reason: String(cString: strerror(errno)))
        }
        defer { close(descriptor) }
        guard let mapped = mmap(nil, size, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), mapped != MAP_FAILED
        else {
            throw ToolError(tool: ["fault control \(path)"], reason: String(cString: strerror(errno)))
        }
        control = mapped.bindMemory(to: fault_control.self, capacity: 1)
        withUnsafeMutableBytes(of: &control.pointee.directory) { room in
            for (index, byte) in directory.utf8.prefix(room.count - 1).enumerated() { room[index] = byte }
        }
    }

    deinit { munmap(control, MemoryLayout<fault_control>.size) }

    /// Sets the clock wrong from `since` on (monotonic nanoseconds); nil: right.
    func setClock(_ trouble: ClockTrouble?, since: Int64) {
        change { control in
            (control.clock_offset, control.clock_ppm, control.strobe_offset, control.strobe_period) = (0, 0, 0, 0)
            control.clock_since = since
            switch trouble {
            case .jump(let by): control.clock_offset = Int64(by / .nanoseconds(1))
            case .drift(let partsPerMillion): control.clock_ppm = Int64(partsPerMillion)
            case .strobe(let by, let period):
                control.strobe_offset = Int64(by / .nanoseconds(1))
                control.strobe_period = Int64(period / .nanoseconds(1))
            case nil: break
            }
        }
    }

    /// Makes the disk fail; nil: work.
    func setDisk(_ trouble: DiskTrouble?) {
        change { control in
            switch trouble {
            case .slow(let latency):
                control.disk = UInt32(fault_disk_slow)
                control.disk_latency = Int64(latency / .nanoseconds(1))
            case .error: control.disk = UInt32(fault_disk_error)
            case .readOnly: control.disk = UInt32(fault_disk_read_only)
            case .full, nil: control.disk = UInt32(fault_disk_sound)
            }
        }
    }

    /// How often the node read a wrong clock, and how often it met a failing disk, since the file was made.
    var clockReads: UInt64 { control.pointee.clock_reads }
    var diskHits: UInt64 { control.pointee.disk_hits }

    /// A sequence lock: readers that see an odd number, or another one afterwards, read again.
    private func change(_ body: (inout fault_control) -> Void) {
        clinux_fault_begin(control)
        body(&control.pointee)
        clinux_fault_end(control)
    }
}
