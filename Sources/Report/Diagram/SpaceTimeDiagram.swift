/// What proves an anomaly, laid out in space and time: a column for every process and node that took part (a *lane*), a row for
/// every event, time running downwards.
///
/// A pure description, without a character or a coordinate: ``DiagramText`` draws it for a terminal, ``DiagramSVG`` for a page.
public struct SpaceTimeDiagram: Sendable, Hashable {
    /// A line of the diagram.
    public struct Lane: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            case process, controller, nemesis, node
        }
        public var kind: Kind
        /// `p3` for client process 3; a node's own name.
        public var name: String
    }

    /// An event.
    public struct Row: Sendable, Hashable {
        public enum Mark: Sendable, Hashable {
            /// An operation begins.
            case invoke
            /// It ends.
            case completion(Outcome)
            /// Something was seen or happened at one instant.
            case point
            /// A fault begins or ends; its span shows it.
            case fault
        }

        /// The event's index in the history.
        public var event: Int
        /// Nanoseconds since the run began.
        public var time: Int64
        /// The lane it happened on; nil for a fault that is about none of the nodes drawn.
        public var lane: Int?
        /// The lane of the node that was asked, or that answered.
        public var contact: Int?
        public var mark: Mark
        public var title: String
        /// Whether the event is part of the proof itself, rather than of what surrounds it.
        public var isProof: Bool
    }

    public enum Outcome: Sendable, Hashable {
        case ok, fail, info
    }

    /// What lasts from one row to another on one lane.
    public struct Span: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            case operation
            case fault
        }
        public var lane: Int
        public var kind: Kind
        public var name: String
        public var from: Int
        /// The row it ends at; nil when it lasts beyond the last one.
        public var to: Int?
    }

    /// A relation between two rows.
    public struct Arrow: Sendable, Hashable {
        public enum Kind: Sendable, Hashable {
            /// The later write had seen the earlier one.
            case seen
            /// What should not be, or is missing: the anomaly itself.
            case broken
        }
        public var kind: Kind
        public var from: Int
        /// The same as `from` when one event is at fault all by itself.
        public var to: Int
        /// What the arrow says; empty for a plain `seen`.
        public var label: String
    }

    /// A version that the diagram names, with all that the history shows of it.
    public struct VersionNote: Sendable, Hashable {
        public var id: String
        /// `put by p3, event 120`; nil when nobody wrote it.
        public var origin: String?
        public var dots: [String]
        public var clocks: [String]
        public var seen: [String]
    }

    /// `lost-write of cart-7`.
    public var title: String
    public var sentence: String
    public var lanes: [Lane]
    public var rows: [Row]
    public var spans: [Span]
    public var arrows: [Arrow]
    public var versions: [VersionNote]
    /// What was left out, and faults that touch none of the nodes drawn.
    public var notes: [String]

    /// When a row was, in a unit that tells the rows apart.
    func time(_ row: Int) -> String {
        Seconds.text(rows[row].time, within: (rows.last?.time ?? 0) &- (rows.first?.time ?? 0))
    }

    /// Whether a fault is in force on a lane at a row.
    func isFaulty(_ lane: Int, at row: Int) -> Bool {
        spans.contains { $0.lane == lane && $0.kind == .fault && $0.from <= row && row < $0.to ?? Int.max }
    }

    /// The operation in flight on a lane at a row.
    func operation(_ lane: Int, at row: Int) -> Span? {
        spans.first { $0.lane == lane && $0.kind == .operation && $0.from <= row && row <= $0.to ?? Int.max }
    }
}
