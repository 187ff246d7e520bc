/// Writes Fressian, as much of it as samples need: the shortest form of each value.
package struct FressianWriter {
    package private(set) var bytes: [UInt8] = []
    private var cached: [String] = []
    private var tags: [String] = []

    package init() {}

    package mutating func raw(_ more: [UInt8]) { bytes += more }

    package mutating func null() { bytes.append(0xF7) }

    package mutating func integer(_ value: Int64) {
        if value >= -1, value < 64 {
            bytes.append(UInt8(truncatingIfNeeded: value))
            return
        }
        let packed: [(zero: Int64, bytes: Int)] = [(0x50, 1), (0x68, 2), (0x72, 3), (0x76, 4), (0x7A, 5), (0x7E, 6)]
        let ranges: [Int64] = [16, 8, 2, 2, 2, 2]
        for (form, range) in zip(packed, ranges) where (-range..<range).contains(value >> Int64(8 * form.bytes)) {
            bytes.append(UInt8(form.zero + value >> Int64(8 * form.bytes)))
            big(value, form.bytes)
            return
        }
        bytes.append(0xF8)
        big(value, 8)
    }

    package mutating func string(_ text: String) {
        let content = Array(text.utf8)
        if content.count < 8 { bytes.append(0xDA + UInt8(content.count)) } else { length(0xE3, content.count) }
        bytes += content
    }

    package mutating func keyword(_ name: String, isCached: Bool = false) {
        if isCached {
            if let number = cached.firstIndex(of: name), number < 32 {
                bytes.append(0x80 + UInt8(number))
                return
            }
            cached.append(name)
            bytes.append(0xCD)
        }
        bytes += [0xCA, 0xF7]
        string(name)
    }

    /// So many values follow.
    package mutating func list(_ count: Int) {
        if count < 8 { bytes.append(0xE4 + UInt8(count)) } else { length(0xEC, count) }
    }

    /// So many keys and values follow.
    package mutating func map(_ count: Int) {
        bytes.append(0xC0)
        list(2 * count)
    }

    /// The fields of a structure follow.
    package mutating func tag(_ name: String, fields: Int) {
        if let number = tags.firstIndex(of: name), number < 16 {
            bytes.append(0xA0 + UInt8(number))
            return
        }
        tags.append(name)
        bytes.append(0xEF)
        string(name)
        integer(Int64(fields))
    }

    private mutating func length(_ code: UInt8, _ count: Int) {
        bytes.append(code)
        integer(Int64(count))
    }

    private mutating func big(_ value: Int64, _ count: Int) {
        for index in (0..<count).reversed() { bytes.append(UInt8(truncatingIfNeeded: value >> Int64(8 * index))) }
    }
}
