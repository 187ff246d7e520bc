/// The constants of the native format, each explained in Format.md.
enum NativeLayout {
    static let fileMagic: [UInt8] = [0x89, 0x44, 0x59, 0x4E, 0x0D, 0x0A, 0x1A, 0x0A]
    /// The version that is written; every one from 1 is read.
    static let version: UInt32 = 3
    static let headerTextLimit = 16 << 20
    /// Bytes of a file header before its text.
    static let fileHeaderPrefix = 16

    static let blockMagic = magic("DBLK")
    static let indexMagic = magic("DIDX")
    static let footerMagic = magic("DEND")
    static let blockHeaderSize = 48
    static let footerSize = 32

    /// What one block may hold.
    static let eventLimit = 1 << 16
    static let versionLimit = 1 << 20
    static let idLimit = 1 << 20
    static let clockEntryLimit = 1 << 22
    static let payloadLimit = 64 << 20
    static let dictionaryLimit = 64 << 20
    /// Items and puts in the extras of a block's events, what is joined to expect them, and the bytes of their texts.
    static let itemLimit = 1 << 22
    static let joinLimit = 1 << 24
    static let extrasLimit = 64 << 20
    /// Strings of a dictionary; of the key table, whose keys each take memory, no more than there are events.
    static let stringLimit = 1 << 23

    /// At most so many nodes, and so many counters in all, for the known vectors of a block.
    static let knownNodeLimit = 64
    static let knownCounterLimit = 1 << 21

    /// Units of time in nanoseconds, the coarsest first.
    static let timeUnits: [Int64] = [1_000_000, 1000, 1]

    /// Ids that each key remembers.
    static let recentIDs = 8

    /// How much memory the events of a file of `fileSize` bytes may take.
    static func memoryLimit(fileSize: Int) -> Int {
        let (product, isTooLarge) = fileSize.multipliedReportingOverflow(by: 512)
        let (sum, isStillTooLarge) = product.addingReportingOverflow(256 << 20)
        return isTooLarge || isStillTooLarge ? Int.max : sum
    }

    private static func magic(_ text: StaticString) -> UInt32 {
        (0..<4).reduce(0) { $0 | UInt32(text.utf8Start[$1]) << UInt32(8 * $1) }
    }
}

/// The columns of a block, in the order in which they are written.
enum Column: Int, CaseIterable {
    case shapes, processes, nodeTable, keyTable, idTable, textTable
    case shape, process, time, key, node, number, fault, text, id, length
    case version, clock, clockNumber, dotActor, dotCounter, extraLength, extra
    /// From version 3 on.
    case item

    /// How many there are in a version of the format.
    static func count(version: UInt32) -> Int { version > 2 ? allCases.count : allCases.count - 1 }
}

/// What an event has, apart from the values: see "Shapes" in Format.md.
struct Shape: Hashable {
    enum Presence: UInt16 {
        case none, given, repeated
    }

    var type: EventType
    var function: Function
    var bits: UInt16 = 0

    init(_ event: Event) {
        type = event.type
        function = event.function
    }

    init(kind: UInt64, bits: UInt64) throws(NativeFault) {
        guard kind < 64, bits < 1 << 12, let type = EventType(rawValue: UInt8(kind & 3)),
            let function = Function(rawValue: UInt8(kind >> 2)), bits & 3 < 3, bits >> 2 & 3 < 3, bits >> 8 & 3 < 3
        else { throw NativeFault("an event has an unknown shape") }
        self.type = type
        self.function = function
        self.bits = UInt16(bits)
        if hasList && Event(self).listKind == .none { throw NativeFault("an event has a list that has no meaning") }
    }

    var kind: UInt64 { UInt64(function.rawValue) << 2 | UInt64(type.rawValue) }

    var key: Presence {
        get { Presence(rawValue: bits & 3) ?? .none }
        set { bits = bits & ~3 | newValue.rawValue }
    }
    var value: Presence {
        get { Presence(rawValue: bits >> 2 & 3) ?? .none }
        set { bits = bits & ~12 | newValue.rawValue << 2 }
    }
    var hasNode: Bool {
        get { self[4] }
        set { self[4] = newValue }
    }
    var hasNumber: Bool {
        get { self[5] }
        set { self[5] = newValue }
    }
    var hasHash: Bool {
        get { self[6] }
        set { self[6] = newValue }
    }
    var hasName: Bool {
        get { self[7] }
        set { self[7] = newValue }
    }
    var home: UInt8 {
        get { UInt8(bits >> 8 & 3) }
        set { bits = bits & ~0x300 | UInt16(newValue & 3) << 8 }
    }
    var hasList: Bool {
        get { self[10] }
        set { self[10] = newValue }
    }
    var hasExtras: Bool {
        get { self[11] }
        set { self[11] = newValue }
    }

    private subscript(bit: UInt16) -> Bool {
        get { bits & 1 << bit != 0 }
        set { bits = newValue ? bits | 1 << bit : bits & ~(1 << bit) }
    }
}

extension Event {
    /// An event of a shape, its values still to come.
    init(_ shape: Shape) {
        self.init(time: 0, process: .nemesis, type: shape.type, function: shape.function)
        home = shape.home
        hasList = shape.hasList
    }

    /// Whether its value is the id of a version, and not a text.
    var valueIsID: Bool { function.isWrite }
}

/// The marks of a version: see "Versions" in Format.md.
enum VersionMark {
    static let anew: UInt64 = 1
    static let dot: UInt64 = 2
    static let clock: UInt64 = 4
    static let tombstone: UInt64 = 8
    static let extras: UInt64 = 16
    static let all: UInt64 = 31
}

/// The forms of a clock: see "Versions" in Format.md.
enum ClockForm {
    static let empty: UInt64 = 0
    static let known: UInt64 = 1
    static let part: UInt64 = 2
    static let spelled: UInt64 = 3
}
