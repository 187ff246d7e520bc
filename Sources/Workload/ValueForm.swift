/// The bytes of a value: its id, its items, and padding up to the workload's size: `3-41|milk,tea|.....`.
///
/// Public, because an observer that reads the bytes of a replica needs the id in them.
public enum ValueForm {
    /// The bucket in which clients keep all keys.
    public static let bucket = "dyno"

    private static let separator = UInt8(ascii: "|")
    private static let comma = UInt8(ascii: ",")
    private static let filler = UInt8(ascii: ".")
    /// Longer ids are cut: a store that returns a megabyte of something else must not put it into the history.
    private static let longestID = 128

    /// At least `size` bytes, more when id and items need more. `items` is nil for a value that has none.
    static func encode(id: String, items: [String]?, size: Int) -> [UInt8] {
        var bytes = Array(id.utf8)
        if let items {
            bytes.append(separator)
            bytes.append(contentsOf: items.joined(separator: ",").utf8)
        }
        if bytes.count < size {
            bytes.append(separator)
            bytes.append(contentsOf: repeatElement(filler, count: size - bytes.count))
        }
        return bytes
    }

    /// Everything before the first `|`.
    public static func id(of bytes: some Sequence<UInt8>) -> String {
        String(decoding: bytes.prefix(longestID).prefix { $0 != separator }, as: UTF8.self)
    }

    /// The id in a value that was read as text.
    public static func id(of text: String) -> String { id(of: text.utf8) }

    /// The items between the first `|` and the second.
    static func items(of bytes: [UInt8]) -> [String] {
        let fields = bytes.split(separator: separator, maxSplits: 2, omittingEmptySubsequences: false)
        guard fields.count > 1 else { return [] }
        return fields[1].split(separator: comma).map { String(decoding: $0, as: UTF8.self) }
    }
}
