import Foundation
import NIOHTTP1
import RiakProtocol

/// `/buckets/B/keys/K/preflist`: where a key's replicas live.
enum PreferenceListPage {
    static func page(_ service: ClientService, _ place: BucketPlace, _ key: [UInt8]) -> HTTPPage {
        var wire = RpbGetBucketKeyPreflistReq()
        wire.bucket = Data(place.bucket)
        wire.type = Data(place.type)
        wire.key = Data(key)
        do {
            let list = try service.preferenceList(wire).preflist
            var line = JSONLine()
            line.raw("{\"preflist\":[")
            for (index, item) in list.enumerated() {
                line.raw(index == 0 ? "{\"partition\":" : ",{\"partition\":")
                line.number(item.partition)
                line.raw(",\"node\":")
                line.string([UInt8](item.node))
                line.raw(item.primary ? ",\"primary\":true}" : ",\"primary\":false}")
            }
            line.raw("]}")
            return HTTPPage(.ok, type: "application/json", line.bytes)
        } catch {
            return HTTPPage(error, in: place)
        }
    }
}
