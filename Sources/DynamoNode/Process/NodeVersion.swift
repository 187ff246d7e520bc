/// The versions that the node tells.
enum NodeVersion {
    /// Its own.
    static let text = "0.1.0"
    /// The version of Riak whose key/value protocols it speaks: three numbers, by which Riak's clients tell what they may
    /// ask for.
    static let riak = "3.2.1"
}
