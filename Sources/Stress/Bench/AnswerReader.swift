/// Reads what a measurement must know of an answer: whether it is one, and the context in it.
///
/// It takes the bytes of a connection as they come and looks at the top-level fields only: the generator must not spend
/// on decoding what the nodes need for their work.
package struct AnswerReader {
    package enum Answer: Hashable {
        /// A get or put was answered; empty context: there was none.
        case done(context: [UInt8])
        /// Riak's error response, with its text.
        case refused(String)
    }

    /// The bytes are no answer of Riak's protocol.
    package struct Nonsense: Error {}

    /// Longer answers are no part of any measurement.
    package static let longest = 16 << 20

    private var buffer: [UInt8] = []
    private var consumed = 0

    package init() {}

    package mutating func append(_ bytes: UnsafeRawBufferPointer) {
        if consumed == buffer.count {
            buffer.removeAll(keepingCapacity: true)
        } else if consumed > 0 {
            buffer.removeFirst(consumed)
        }
        consumed = 0
        buffer.append(contentsOf: bytes)
    }

    /// The next whole answer; nil until more bytes come.
    package mutating func next() throws(Nonsense) -> Answer? {
        guard buffer.count - consumed >= 5 else { return nil }
        var length = 0
        for offset in 0..<4 { length = length << 8 | Int(buffer[consumed + offset]) }
        guard length >= 1, length <= Self.longest else { throw Nonsense() }
        guard buffer.count - consumed >= 4 + length else { return nil }
        let code = buffer[consumed + 4]
        let body = (consumed + 5)..<(consumed + 4 + length)
        consumed = body.upperBound
        switch code {
        // RpbGetResp and RpbPutResp both have the context in field 2; RpbErrorResp has its text in field 1.
        case 10, 12: return .done(context: try field(2, in: body))
        case 0: return .refused(String(decoding: try field(1, in: body), as: UTF8.self))
        case 20, 22: return .done(context: [])
        default: throw Nonsense()
        }
    }

    /// The bytes of a length-delimited field; empty when it is not there.
    private func field(_ wanted: UInt64, in body: Range<Int>) throws(Nonsense) -> [UInt8] {
        var position = body.lowerBound
        while position < body.upperBound {
            let tag = try varint(&position, body.upperBound)
            switch tag & 7 {
            case 0: _ = try varint(&position, body.upperBound)
            case 1: position += 8
            case 5: position += 4
            case 2:
                let length = try varint(&position, body.upperBound)
                guard length <= UInt64(body.upperBound - position) else { throw Nonsense() }
                let end = position + Int(length)
                if tag >> 3 == wanted { return Array(buffer[position..<end]) }
                position = end
            default: throw Nonsense()
            }
        }
        return []
    }

    private func varint(_ position: inout Int, _ end: Int) throws(Nonsense) -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 64, by: 7) {
            guard position < end else { throw Nonsense() }
            let byte = buffer[position]
            position += 1
            value |= UInt64(byte & 0x7F) << shift
            if byte < 0x80 { return value }
        }
        throw Nonsense()
    }
}
