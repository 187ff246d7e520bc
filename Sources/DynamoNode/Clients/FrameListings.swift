import Foundation
import RiakProtocol
import SwiftProtobuf

/// A listing as frames: one for each page, and one that says that it is over.
final class StreamedFrames: FrameListing {
    private let listing: NameListing
    private let frame: (_ names: [Data], _ done: Bool) throws(ClientFailure) -> Frame

    private init(
        _ listing: NameListing, _ frame: @escaping (_ names: [Data], _ done: Bool) throws(ClientFailure) -> Frame
    ) {
        self.listing = listing
        self.frame = frame
    }

    static func keys(_ listing: NameListing) -> StreamedFrames {
        StreamedFrames(listing) { (names, done) throws(ClientFailure) in
            var response = RpbListKeysResp()
            response.keys = names
            if done { response.done = true }
            return try FrameService.frame(.listKeysResponse, response)
        }
    }

    static func buckets(_ listing: NameListing) -> StreamedFrames {
        StreamedFrames(listing) { (names, done) throws(ClientFailure) in
            var response = RpbListBucketsResp()
            response.buckets = names
            if done { response.done = true }
            return try FrameService.frame(.listBucketsResponse, response)
        }
    }

    func next(_ done: @escaping (_ frame: Frame, _ isLast: Bool) -> Void) {
        listing.next { [frame] result in
            do throws(ClientFailure) {
                let names = try result.get()
                done(try frame(names?.map { Data($0) } ?? [], names == nil), names == nil)
            } catch {
                done(Frame(error), true)
            }
        }
    }
}

/// The buckets in one frame, as clients get them that did not ask for a stream: those of a frame at most.
final class BucketsFrame: FrameListing {
    /// Bytes of names.
    private static let longest = 8 << 20

    private let listing: NameListing
    private var response = RpbListBucketsResp()
    private var bytes = 0

    init(_ listing: NameListing) { self.listing = listing }

    func next(_ done: @escaping (_ frame: Frame, _ isLast: Bool) -> Void) {
        listing.next { [self] result in
            do throws(ClientFailure) {
                guard let names = try result.get() else {
                    return done(try FrameService.frame(.listBucketsResponse, response), true)
                }
                bytes += names.reduce(0) { $0 + $1.count }
                if bytes > Self.longest {
                    throw ClientFailure(text: "too many buckets for one frame: ask for a stream")
                }
                response.buckets += names.map { Data($0) }
                next(done)
            } catch {
                done(Frame(error), true)
            }
        }
    }
}
