import Foundation
import NIOHTTP1
import RiakProtocol

/// The parameters of a request for an object, as fields of the message that says the same over protocol buffers.
struct ObjectQuery {
    private let target: HTTPTarget

    init(_ target: HTTPTarget) { self.target = target }

    func get(_ place: BucketPlace, _ key: [UInt8]) throws(HTTPRefusal) -> RpbGetReq {
        var wire = RpbGetReq()
        wire.bucket = Data(place.bucket)
        wire.type = Data(place.type)
        wire.key = Data(key)
        if let r = try quorum("r") { wire.r = r }
        if let pr = try quorum("pr") { wire.pr = pr }
        if let confirms = try quorum("node_confirms") { wire.nodeConfirms = confirms }
        if let basic = try flag("basic_quorum") { wire.basicQuorum = basic }
        if let ok = try flag("notfound_ok") { wire.notfoundOk = ok }
        if let sloppy = try flag("sloppy_quorum") { wire.sloppyQuorum = sloppy }
        if let n = try number("n_val") { wire.nVal = n }
        if let timeout = try timeout() { wire.timeout = timeout }
        wire.deletedvclock = true
        return wire
    }

    /// - Parameter key: nil: one is to be made up.
    func put(_ place: BucketPlace, _ key: [UInt8]?) throws(HTTPRefusal) -> RpbPutReq {
        var wire = RpbPutReq()
        wire.bucket = Data(place.bucket)
        wire.type = Data(place.type)
        if let key { wire.key = Data(key) }
        if let w = try quorum("w") { wire.w = w }
        if let dw = try quorum("dw") { wire.dw = dw }
        if let pw = try quorum("pw") { wire.pw = pw }
        if let confirms = try quorum("node_confirms") { wire.nodeConfirms = confirms }
        if let sloppy = try flag("sloppy_quorum") { wire.sloppyQuorum = sloppy }
        if let n = try number("n_val") { wire.nVal = n }
        if let timeout = try timeout() { wire.timeout = timeout }
        wire.asis = try flag("asis") ?? false
        wire.returnBody = try flag("returnbody") ?? false
        return wire
    }

    func delete(_ place: BucketPlace, _ key: [UInt8]) throws(HTTPRefusal) -> RpbDelReq {
        var wire = RpbDelReq()
        wire.bucket = Data(place.bucket)
        wire.type = Data(place.type)
        wire.key = Data(key)
        if let rw = try quorum("rw") { wire.rw = rw }
        if let r = try quorum("r") { wire.r = r }
        if let w = try quorum("w") { wire.w = w }
        if let pr = try quorum("pr") { wire.pr = pr }
        if let pw = try quorum("pw") { wire.pw = pw }
        if let dw = try quorum("dw") { wire.dw = dw }
        if let sloppy = try flag("sloppy_quorum") { wire.sloppyQuorum = sloppy }
        if let n = try number("n_val") { wire.nVal = n }
        if let timeout = try timeout() { wire.timeout = timeout }
        return wire
    }

    private func quorum(_ name: String) throws(HTTPRefusal) -> UInt32? {
        guard let text = target.text(name) else { return nil }
        guard let word = QuorumText.word(text) else {
            throw HTTPRefusal(
                .badRequest,
                "\(name) query parameter must be an integer or one of the following words: 'one', 'quorum' or 'all'\n")
        }
        return word
    }

    private func flag(_ name: String) throws(HTTPRefusal) -> Bool? {
        switch target.text(name)?.lowercased() {
        case nil: return nil
        case "true": return true
        case "false": return false
        default: throw HTTPRefusal(.badRequest, "\(name) query parameter must be true or false\n")
        }
    }

    private func number(_ name: String) throws(HTTPRefusal) -> UInt32? {
        guard let text = target.text(name) else { return nil }
        guard let number = UInt32(text) else {
            throw HTTPRefusal(.badRequest, "\(name) query parameter must be an integer\n")
        }
        return number
    }

    /// Milliseconds.
    func timeout() throws(HTTPRefusal) -> UInt32? {
        guard let text = target.text("timeout") else { return nil }
        guard let milliseconds = UInt32(text) else {
            throw HTTPRefusal(.badRequest, "Bad timeout value \"\(text)\"\n")
        }
        return milliseconds
    }
}

/// Riak's quorum words as text.
enum QuorumText {
    static func word(_ text: String) -> UInt32? {
        switch text {
        case "one": QuorumWord.one
        case "quorum": QuorumWord.quorum
        case "all": QuorumWord.all
        case "default": QuorumWord.byDefault
        default: UInt32(text).flatMap { $0 < QuorumWord.byDefault ? $0 : nil }
        }
    }
}
