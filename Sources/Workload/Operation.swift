import History

/// One client operation before it is sent.
public struct Operation: Sendable, Hashable {
    /// The client process, 0 and up.
    public var process: Int64
    public var key: String
    /// The rank of the key in its ``KeySpace``; -1 for a key from elsewhere.
    public var rank: Int
    public var action: Action

    public init(process: Int64, key: String, rank: Int = -1, action: Action) {
        self.process = process
        self.key = key
        self.rank = rank
        self.action = action
    }

    public enum Action: Sendable, Hashable {
        /// `r` is sent only when it is there.
        case get(r: Int?)
        case put(Write)
        case delete(Write)
    }

    /// What a put or delete brings to the store.
    public struct Write: Sendable, Hashable {
        /// Unique in the whole history: the id of the version, or of the tombstone.
        public var id: String
        /// The bytes stored; for a delete its id, kept as the tombstone's value.
        public var payload: [UInt8]
        /// The context of the client's last read of the key; nil for a blind write, or when that read found nothing.
        public var context: [UInt8]?
        /// The ids that this read returned.
        public var seen: [String]
        /// Sent only when it is there.
        public var w: Int?
        /// The items of the cart that is put; nil when values are no carts.
        public var items: [String]?

        public init(
            id: String, payload: [UInt8], context: [UInt8]?, seen: [String], w: Int? = nil, items: [String]? = nil
        ) {
            self.id = id
            self.payload = payload
            self.context = context
            self.seen = seen
            self.w = w
            self.items = items
        }
    }

    /// The `f` of the operation's events.
    public var function: Function {
        switch action {
        case .get: .get
        case .put: .put
        case .delete: .delete
        }
    }

    /// The write, unless the operation is a get.
    public var write: Write? {
        switch action {
        case .get: nil
        case .put(let write), .delete(let write): write
        }
    }
}
