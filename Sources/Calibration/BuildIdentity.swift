import Dynamo
import Foundation

/// Tells one build of the tool and the store from another: the MD5 of the programs that a run is made of.
///
/// Not a signature. It says whether a calibration and a run come from the same programs, not from whom these are.
public enum BuildIdentity {
    /// - Parameter executables: paths; the order counts.
    /// - Throws: when one cannot be read.
    public static func of(_ executables: [String]) throws -> String {
        var digest = MD5()
        for path in executables {
            let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: path))
            defer { try? file.close() }
            while let piece = try file.read(upToCount: 1 << 20), !piece.isEmpty { digest.update(Array(piece)) }
        }
        let hash = digest.digest()
        return hex(hash.high) + hex(hash.low)
    }

    private static func hex(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
