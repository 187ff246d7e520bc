import Foundation
import RiakProtocol
import Synchronization

/// A store in memory behind ``FakeRiak``: siblings by dots and version vectors of one actor, contexts as counters. Correct, so that
/// what a load records of it is a sound history.
final class FakeStore: Sendable {
    private struct Version {
        var content: RpbContent
        var counter: UInt64
    }

    private struct State {
        var counter: UInt64 = 0
        var keys: [Data: [Version]] = [:]
    }

    private let state = Mutex(State())
    /// Whether dots, clocks and tombstones are shown, as our node does and a real Riak does not.
    private let showsClocks: Bool

    init(showsClocks: Bool = true) { self.showsClocks = showsClocks }

    func answer(_ frame: Frame) -> FakeRiak.Answer {
        do {
            switch MessageCode(rawValue: frame.code) {
            case .getRequest: return try get(RpbGetReq(serializedBytes: frame.body))
            case .putRequest: return try put(RpbPutReq(serializedBytes: frame.body))
            case .deleteRequest: return try delete(RpbDelReq(serializedBytes: frame.body))
            default: return .disconnect
            }
        } catch {
            return .disconnect
        }
    }

    private func get(_ request: RpbGetReq) throws -> FakeRiak.Answer {
        let versions = state.withLock { $0.keys[request.key] ?? [] }
        var response = RpbGetResp()
        for version in versions {
            var content = version.content
            if showsClocks {
                content.dot = dot(version.counter)
            } else if content.deleted {
                content.value = Data()
            }
            response.content.append(content)
        }
        if !versions.isEmpty { response.vclock = Data(versions.map { "\($0.counter)" }.joined(separator: ",").utf8) }
        return .frame(try Frame(.getResponse, response))
    }

    private func put(_ request: RpbPutReq) throws -> FakeRiak.Answer {
        let counter = store(request.content, under: request.key, context: request.vclock)
        var response = RpbPutResp()
        if showsClocks { response.dot = dot(counter) }
        return .frame(try Frame(.putResponse, response))
    }

    private func delete(_ request: RpbDelReq) throws -> FakeRiak.Answer {
        var content = RpbContent()
        content.value = request.tag
        content.deleted = true
        let counter = store(content, under: request.key, context: request.vclock)
        guard showsClocks else { return .frame(Frame(.deleteResponse)) }
        var response = DynoDelResp()
        response.dot = dot(counter)
        return .frame(try Frame(.deleteResponse, response))
    }

    private func store(_ content: RpbContent, under key: Data, context: Data) -> UInt64 {
        let seen = Set(String(decoding: context, as: UTF8.self).split(separator: ",").compactMap { UInt64($0) })
        return state.withLock { state in
            state.counter += 1
            let kept = (state.keys[key] ?? []).filter { !seen.contains($0.counter) }
            state.keys[key] = kept + [Version(content: content, counter: state.counter)]
            return state.counter
        }
    }

    private func dot(_ counter: UInt64) -> DynoDot {
        var dot = DynoDot()
        dot.actor = Data("a".utf8)
        dot.counter = counter
        return dot
    }
}
