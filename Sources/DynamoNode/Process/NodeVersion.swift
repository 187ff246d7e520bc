/// The version that the node tells its clients and operators; three numbers, as Riak's clients expect.
enum NodeVersion {
    static let text = "0.1.0"
}
