import Dynamo

/// The requests of a measurement as bytes, made before it begins: in its course a get is a copy of bytes, and a put two
/// copies with the context between them.
///
/// Written by hand in the form of Riak's protocol buffers messages RpbGetReq and RpbPutReq, so that making a request
/// costs the load generator next to nothing.
package struct BenchFrames {
    /// The longest context that is passed back, in bytes; a longer one is left out.
    package static let longestContext = 4_096

    /// By key: the whole frame of its get.
    package let gets: [[UInt8]]
    /// By key: the fields of its put before the context …
    private let putHeads: [[UInt8]]
    /// … and those after it: the value, and two bytes.
    private let putTail: [UInt8]
    private let valueSize: Int

    /// - Parameters:
    ///   - keys: how many; each has a name of eleven bytes.
    ///   - valueSize: bytes of a value.
    ///   - seed: of the bytes in the value.
    package init(bucket: String, keys: Int, valueSize: Int, seed: UInt64) {
        var gets: [[UInt8]] = []
        var heads: [[UInt8]] = []
        for key in 0..<keys {
            let fields = Self.field(1, Array(bucket.utf8)) + Self.field(2, Self.name(of: key))
            gets.append(Self.framed(code: 9, fields))
            heads.append(fields)
        }
        self.gets = gets
        putHeads = heads
        var random = SplitMix64(seed: seed)
        self.valueSize = valueSize
        let value = (0..<valueSize).map { _ in UInt8(truncatingIfNeeded: random.next()) }
        // RpbPutReq.content with its value, then return_head: the answer's context goes into the next put of the key.
        putTail = Self.field(4, Self.field(1, value)) + [11 << 3, 1]
    }

    var count: Int { gets.count }

    /// The name of a key, as it stands in the frames.
    package static func name(of key: Int) -> [UInt8] {
        var digits = Array("key00000000".utf8)
        var rest = key
        var place = digits.count - 1
        while rest > 0, place >= 3 {
            digits[place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
            place -= 1
        }
        return digits
    }

    /// The frame of a put that passes back `context`; empty: none.
    ///
    /// - Parameter stamp: stands in the first eight bytes of the value; see ``stamp(in:)``.
    package func put(_ key: Int, context: [UInt8], stamp: UInt64? = nil) -> [UInt8] {
        let head = putHeads[key]
        let passed = context.isEmpty || context.count > Self.longestContext ? [] : Self.field(3, context)
        let length = 1 + head.count + passed.count + putTail.count
        var frame: [UInt8] = []
        frame.reserveCapacity(4 + length)
        Self.append(length: length, to: &frame)
        frame.append(11)
        frame += head
        frame += passed
        let tail = frame.count
        frame += putTail
        if let stamp {
            for (place, shift) in stride(from: 56, through: 0, by: -8).enumerated() where place < valueSize {
                frame[tail + putTail.count - 2 - valueSize + place] = UInt8(truncatingIfNeeded: stamp >> shift)
            }
        }
        return frame
    }

    /// The stamp that a value was written with; nil when it is too short for one.
    package static func stamp(in value: some Collection<UInt8>) -> UInt64? {
        value.count < 8 ? nil : value.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
    }

    /// A frame: length, code, body.
    static func framed(code: UInt8, _ body: [UInt8]) -> [UInt8] {
        var frame: [UInt8] = []
        append(length: body.count + 1, to: &frame)
        frame.append(code)
        return frame + body
    }

    /// A length-delimited field of protocol buffers, with a number below 16.
    private static func field(_ number: UInt8, _ bytes: [UInt8]) -> [UInt8] {
        var field = [number << 3 | 2]
        var rest = bytes.count
        while rest >= 0x80 {
            field.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        field.append(UInt8(rest))
        return field + bytes
    }

    private static func append(length: Int, to frame: inout [UInt8]) {
        for shift in [24, 16, 8, 0] { frame.append(UInt8(truncatingIfNeeded: length >> shift)) }
    }
}
