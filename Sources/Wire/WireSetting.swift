/// What must be known of a store before its traffic can be read.
public struct WireSetting: Sendable {
    public struct Node: Sendable {
        public var name: String
        /// IPv4, most significant byte first.
        public var address: UInt32

        public init(name: String, address: UInt32) {
            self.name = name
            self.address = address
        }
    }

    /// In the order of their ports.
    public let nodes: [Node]
    public var clientPort: UInt16
    public var peerPort: UInt16
    public var n: Int
    /// Copies that an acknowledgement needs where its request names no other number; nil: not known.
    public var w: Int?
    private let places: [UInt32: Int]

    public init(nodes: [Node], clientPort: UInt16 = 8087, peerPort: UInt16 = 8099, n: Int, w: Int?) {
        self.nodes = nodes
        self.clientPort = clientPort
        self.peerPort = peerPort
        self.n = n
        self.w = w
        places = Dictionary(nodes.enumerated().map { ($1.address, $0) }) { first, _ in first }
    }

    func place(of address: UInt32) -> Int? { places[address] }

    /// The place of everybody who is no node: clients and observers.
    var hub: Int { nodes.count }

    func name(of place: Int) -> String { place < nodes.count ? nodes[place].name : "clients" }
}
