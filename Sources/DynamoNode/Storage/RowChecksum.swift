import Dynamo

/// The checksum of a row: over its key too, so that bytes which turn up under another key are found out.
enum RowChecksum {
    static func of(_ key: Key, _ siblings: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.addCounted(key.bucket)
        checksum.addCounted(key.name)
        checksum.addCounted(siblings)
        return checksum.value
    }

    static func of(_ hint: HintedObject, _ siblings: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.addCounted(Array(hint.home.utf8))
        checksum.addCounted(hint.key.bucket)
        checksum.addCounted(hint.key.name)
        checksum.addCounted((0..<8).map { UInt8(truncatingIfNeeded: hint.incarnation >> ($0 * 8)) })
        checksum.addCounted(siblings)
        // Rows from before hints had a time are checked as they were written.
        if hint.storedAt != 0 {
            checksum.addCounted((0..<8).map { UInt8(truncatingIfNeeded: hint.storedAt >> ($0 * 8)) })
        }
        return checksum.value
    }
}

extension Key {
    /// For messages: `bucket/name` where both are text, hexadecimal digits where not.
    var readable: String { Self.readable(bucket) + "/" + Self.readable(name) }

    private static func readable(_ bytes: [UInt8]) -> String {
        if let text = String(validating: bytes, as: UTF8.self), !text.contains(where: \.isNewline) { return text }
        let digits = bytes.prefix(64).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }
        return "0x" + digits.joined()
    }
}
