import Notation

/// Finds a member in what a history keeps of those that the form does not know: `"name":value`, joined by commas.
enum ExtraMembers {
    /// The value of the first member of this name, as it is written; nil when there is none.
    ///
    /// Nothing is made of the members before it: a checker asks for one of several, event after event.
    static func text(of name: String, in extras: String) -> String? {
        var (extras, name) = (extras, name)
        return extras.withUTF8 { bytes in
            name.withUTF8 { name in
                var place = 0
                while let member = Member(in: bytes, at: place) {
                    if member.isNamed(name, bytes) {
                        return String(decoding: UnsafeBufferPointer(rebasing: bytes[member.value]), as: UTF8.self)
                    }
                    place = member.value.upperBound + 1
                }
                return nil
            }
        }
    }

    private struct Member {
        /// Between the quotes.
        let name: Range<Int>
        let value: Range<Int>
        private let isEscaped: Bool

        /// Nil behind the last one, or where the text is none of members.
        init?(in bytes: UnsafeBufferPointer<UInt8>, at start: Int) {
            guard start < bytes.count, bytes[start] == UInt8(ascii: "\"") else { return nil }
            let end = Member.endOfString(bytes, from: start + 1)
            guard end + 1 < bytes.count, bytes[end + 1] == UInt8(ascii: ":") else { return nil }
            name = (start + 1)..<end
            value = (end + 2)..<Member.endOfValue(bytes, from: end + 2)
            isEscaped = bytes[name].contains(UInt8(ascii: "\\"))
        }

        func isNamed(_ wanted: UnsafeBufferPointer<UInt8>, _ bytes: UnsafeBufferPointer<UInt8>) -> Bool {
            if !isEscaped { return bytes[name].elementsEqual(wanted) }
            let quoted = (name.lowerBound - 1)..<(name.upperBound + 1)
            let text = String(decoding: UnsafeBufferPointer(rebasing: bytes[quoted]), as: UTF8.self)
            return JSONReader.value(of: text)?.name?.utf8.elementsEqual(wanted) == true
        }

        /// The place of the quote that ends a string, or the end of the text.
        private static func endOfString(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
            var place = start
            while place < bytes.count, bytes[place] != UInt8(ascii: "\"") {
                place += bytes[place] == UInt8(ascii: "\\") ? 2 : 1
            }
            return min(place, bytes.count)
        }

        /// The place of the comma behind a value, or the end of the text.
        private static func endOfValue(_ bytes: UnsafeBufferPointer<UInt8>, from start: Int) -> Int {
            var place = start
            var depth = 0
            while place < bytes.count {
                switch bytes[place] {
                case UInt8(ascii: "\""): place = endOfString(bytes, from: place + 1)
                case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
                case UInt8(ascii: "]"), UInt8(ascii: "}"): depth -= 1
                case UInt8(ascii: ",") where depth == 0: return place
                default: break
                }
                place += 1
            }
            return bytes.count
        }
    }
}
