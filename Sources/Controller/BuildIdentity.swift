import CZlib
import Foundation

/// Which executables made a run, a calibration or a decision: a name that changes whenever one of them does.
///
/// CRC-32 of each file with its length: enough to tell builds apart, no proof against somebody who forges one.
public enum BuildIdentity {
    /// - Parameter files: the executables and libraries that together decide what a run does, always in the same order.
    /// - Returns: one part for each file, joined by `-`; `missing` for a file that cannot be read.
    public static func of(_ files: [String]) -> String { files.map(ofFile).joined(separator: "-") }

    private static func ofFile(_ path: String) -> String {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: path), options: .alwaysMapped) else {
            return "missing"
        }
        let sum = data.withUnsafeBytes { bytes in
            crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count)
        }
        return String(UInt64(sum) << 32 | UInt64(UInt32(truncatingIfNeeded: data.count)), radix: 16)
    }
}
