/// The first byte of a frame: what its body is (RIAK.md section 1; riak_pb's `riak_pb_messages.csv`).
public enum MessageCode: UInt8, Sendable, CaseIterable {
    case errorResponse = 0
    case pingRequest = 1
    case pingResponse = 2
    case getClientIDRequest = 3
    case getClientIDResponse = 4
    case setClientIDRequest = 5
    case setClientIDResponse = 6
    case getServerInfoRequest = 7
    case getServerInfoResponse = 8
    case getRequest = 9
    case getResponse = 10
    case putRequest = 11
    case putResponse = 12
    case deleteRequest = 13
    case deleteResponse = 14
    case listBucketsRequest = 15
    case listBucketsResponse = 16
    case listKeysRequest = 17
    case listKeysResponse = 18
    case getBucketRequest = 19
    case getBucketResponse = 20
    case setBucketRequest = 21
    case setBucketResponse = 22
    case resetBucketRequest = 29
    case resetBucketResponse = 30
    /// Answered with ``getBucketResponse``.
    case getBucketTypeRequest = 31
    /// Answered with ``setBucketResponse``.
    case setBucketTypeRequest = 32
    case getPreferenceListRequest = 33
    case getPreferenceListResponse = 34
}

/// Riak's quorum words, as they stand in the uint32 fields of requests and bucket properties.
public enum QuorumWord {
    public static let one = UInt32.max - 1
    public static let quorum = UInt32.max - 2
    public static let all = UInt32.max - 3
    public static let byDefault = UInt32.max - 4
}
