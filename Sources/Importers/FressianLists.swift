import Notation

/// How far a list goes that is being read.
struct ListExtent {
    /// Elements that are left; nil: until an end is told.
    var left: Int?
    /// Whether the end of the data is an end of the list, too.
    var isOpen = false
}

/// Lists, strings and bytes, which may be told by their length or in pieces.
extension FressianReader {
    static func isList(_ code: UInt8) -> Bool { (0xE4...FressianCode.openList).contains(code) }

    /// The extent of the list that begins with a byte.
    mutating func extent(_ code: UInt8) throws(FressianFault) -> ListExtent {
        switch code {
        case FressianCode.list: ListExtent(left: try count())
        case FressianCode.closedList: ListExtent(left: nil)
        case FressianCode.openList: ListExtent(left: nil, isOpen: true)
        default: ListExtent(left: Int(code) - 0xE4)
        }
    }

    mutating func element(_ list: inout ListExtent) throws(FressianFault) -> Datum? {
        if let left = list.left {
            if left == 0 { return nil }
            list.left = left - 1
        } else if nextByte == nil {
            if list.isOpen {
                list.left = 0
                return nil
            }
            throw fault("a list without an end")
        } else if nextByte == FressianCode.endOfList {
            _ = try byte()
            list.left = 0
            return nil
        }
        return try value()
    }

    mutating func elements(_ list: inout ListExtent) throws(FressianFault) -> [Datum] {
        var result: [Datum] = []
        while let next = try element(&list) { result.append(next) }
        return result
    }

    /// The bytes that begin with a byte of their own.
    mutating func blob(_ code: UInt8) throws(FressianFault) -> [UInt8] {
        var result: [UInt8] = []
        var code = code
        while code == FressianCode.bytesChunk {
            try append(try count(), to: &result)
            code = try byte()
        }
        switch code {
        case FressianCode.bytes: try append(try count(), to: &result)
        case 0xD0..<0xD8: try append(Int(code) - 0xD0, to: &result)
        default: throw fault("the next piece of the bytes is missing")
        }
        return result
    }

    /// The text that begins with a byte of its own.
    mutating func string(_ code: UInt8) throws(FressianFault) -> String {
        var result: [UInt8] = []
        var code = code
        while code == FressianCode.stringChunk {
            try append(try count(), to: &result)
            code = try byte()
        }
        switch code {
        case FressianCode.string: try append(try count(), to: &result)
        case 0xDA..<0xE2: try append(Int(code) - 0xDA, to: &result)
        default: throw fault("the next piece of the text is missing")
        }
        guard let text = FressianReader.text(of: result) else { throw fault("bytes that are no text") }
        return text
    }

    private mutating func append(_ count: Int, to result: inout [UInt8]) throws(FressianFault) {
        try weigh(count)
        result.append(contentsOf: try take(count))
    }

    /// Fressian encodes the two halves of a character beyond the first 65,536 one by one, unlike UTF-8.
    private static func text(of bytes: [UInt8]) -> String? {
        if bytes.allSatisfy({ $0 < 0x80 }) { return String(decoding: bytes, as: UTF8.self) }
        var units: [UInt16] = []
        units.reserveCapacity(bytes.count)
        var rest = bytes[...]
        while let first = rest.popFirst() {
            let more: Int
            var unit: UInt16
            switch first {
            case 0..<0x80: (unit, more) = (UInt16(first), 0)
            case 0xC0..<0xE0: (unit, more) = (UInt16(first & 0x1F), 1)
            case 0xE0..<0xF0: (unit, more) = (UInt16(first & 0x0F), 2)
            default: return nil
            }
            for _ in 0..<more {
                guard let next = rest.popFirst(), next & 0xC0 == 0x80 else { return nil }
                unit = unit << 6 | UInt16(next & 0x3F)
            }
            units.append(unit)
        }
        return String(decoding: units, as: UTF16.self)
    }
}
