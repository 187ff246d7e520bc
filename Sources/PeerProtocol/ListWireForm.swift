import Dynamo
import Foundation

extension ListQuestion {
    func wireForm(request: UInt64) -> ListKeys {
        var wire = ListKeys()
        wire.request = request
        wire.partition = UInt32(clamping: partition)
        if let after { wire.after = after.wireForm }
        switch scope {
        case .keys(let bucket): wire.bucket = Data(bucket)
        case .buckets(let type): wire.type = Data(type)
        }
        return wire
    }

    init(wire: ListKeys) throws(PeerProtocolError) {
        let scope: ListRequest.Scope
        switch wire.scope {
        case .bucket(let bucket): scope = .keys(bucket: Array(bucket))
        case .type(let type): scope = .buckets(type: Array(type))
        case nil: throw .invalid("scope")
        }
        self.init(
            scope: scope, partition: Int(wire.partition), after: wire.hasAfter ? Key(wire: wire.after) : nil)
    }
}

extension Listed {
    init(request: UInt64, _ answer: ListAnswer?) {
        self.init()
        self.request = request
        ok = answer != nil
        names = answer?.names.map { Data($0) } ?? []
        if let next = answer?.next { self.next = next.wireForm }
    }
}

extension ListAnswer {
    init(wire: Listed) {
        self.init(names: wire.names.map { Array($0) }, next: wire.hasNext ? Key(wire: wire.next) : nil)
    }
}
