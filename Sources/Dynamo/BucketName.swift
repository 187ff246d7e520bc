/// A bucket as clients name it: its type and, within that, its name. Buckets of the same name but of different types
/// have nothing in common.
///
/// The rest of the store knows one name for both, ``stored``, and this is the one place that makes and reads it. A
/// bucket of the default type is stored under its own name, unless that begins with a zero byte; any other begins with a
/// zero byte, the length of its type as one byte (0: the default type), and the type.
///
/// A **bucket type** is a named default of properties, as in Riak. It is an entry of the bucket catalogue like any
/// other, stored under the name that a nameless bucket of the type would have.
public struct BucketName: Hashable, Sendable {
    /// Empty: the default type.
    public let type: [UInt8]
    /// Empty: the type itself.
    public let name: [UInt8]

    /// The most bytes that the name of a type may have.
    public static let longestType = 255

    /// Nil when the type is too long.
    ///
    /// - Parameter type: empty or `default`: the default type.
    public init?(type: [UInt8], name: [UInt8]) {
        guard type.count <= Self.longestType else { return nil }
        self.type = type == Array("default".utf8) ? [] : type
        self.name = name
    }

    /// A bucket of the default type.
    public init(_ name: [UInt8]) {
        type = []
        self.name = name
    }

    /// Takes a stored name apart. What no client can have named counts as a bucket of the default type.
    public init(stored: [UInt8]) {
        guard stored.first == 0, stored.count >= 2, stored.count >= 2 + Int(stored[1]) else {
            self.init(stored)
            return
        }
        let end = 2 + Int(stored[1])
        self.init(exactly: Array(stored[2..<end]), name: Array(stored[end...]))
    }

    /// The name under which the store keeps the bucket.
    public var stored: [UInt8] {
        if type.isEmpty, !name.isEmpty, name[0] != 0 { return name }
        return [0, UInt8(type.count)] + type + name
    }

    /// The entry of the type itself.
    public var ofType: BucketName { BucketName(exactly: type, name: []) }

    private init(exactly type: [UInt8], name: [UInt8]) {
        self.type = type
        self.name = name
    }
}

extension BucketProperties {
    /// These properties, and where they are silent those of the bucket's type.
    func completed(by type: BucketProperties) -> BucketProperties {
        var all = self
        all.n = n ?? type.n
        for quorum in [\BucketProperties.r, \.w, \.pr, \.pw, \.dw, \.rw, \.nodeConfirms]
        where all[keyPath: quorum] == .byDefault {
            all[keyPath: quorum] = type[keyPath: quorum]
        }
        for flag in [\BucketProperties.notfoundOK, \.basicQuorum, \.allowMultiple, \.lastWriteWins] {
            all[keyPath: flag] = all[keyPath: flag] ?? type[keyPath: flag]
        }
        return all
    }
}
