import Dynamo
import Foundation
import GRDB

// A hash or ring position as a column: 16 bytes, the most significant first, so that rows sort as positions do.

extension Hash128 {
    var data: Data {
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { Data($0) }
    }
}

extension Row {
    /// The hash in a column; nil when something else is there.
    func hash(_ column: Int) -> Hash128? {
        let value: DatabaseValue = self[column]
        guard let data = Data.fromDatabaseValue(value), data.count == 16 else { return nil }
        return data.withUnsafeBytes { bytes in
            Hash128(
                high: UInt64(bigEndian: bytes.loadUnaligned(as: UInt64.self)),
                low: UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
        }
    }
}
