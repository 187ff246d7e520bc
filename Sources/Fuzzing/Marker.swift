import Foundation

#if canImport(Glibc)
    import Glibc
#endif

/// A number in a file that is mapped into memory: it costs a store to set, and the kernel keeps it when the process dies
/// in whatever way.
public final class Marker {
    private let place: UnsafeMutablePointer<Int64>
    private let mapping: UnsafeMutableRawPointer

    /// Nil when the file cannot be made.
    public init?(path: String) {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard ftruncate(descriptor, 8) == 0 else { return nil }
        guard let mapping = mmap(nil, 8, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0), mapping != MAP_FAILED
        else {
            return nil
        }
        self.mapping = mapping
        place = mapping.bindMemory(to: Int64.self, capacity: 1)
    }

    deinit { munmap(mapping, 8) }

    public var number: Int {
        get { Int(place.pointee) }
        set { place.pointee = Int64(newValue) }
    }
}
