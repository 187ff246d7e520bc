import Dynamo
import DynamoNode
import Foundation
import History
import Importers
import PeerProtocol
import RiakProtocol

/// A decoder that takes bytes from outside the process.
public enum Decoder: String, CaseIterable, Sendable {
    /// Frames and requests of the protocol buffers port.
    case frames
    /// Requests of the HTTP port: target, headers, body.
    case http
    /// Frames and messages between nodes.
    case peer
    /// The contexts that clients hold and pass back.
    case context
    /// The siblings in a row of the store.
    case row
    /// Segments of the commit log, and the batches in their records.
    case log
    /// Histories of other tools: EDN, JSON and logs.
    case imports
    /// Store files of Jepsen.
    case store
    /// Histories as lines of JSON.
    case lines
    /// Native histories, whole.
    case native
    /// Native histories, taken apart by keys and decided.
    case partitions

    /// Decodes, and encodes again what was understood; whether anything was.
    func feed(_ bytes: [UInt8]) -> Bool {
        switch self {
        case .frames: return ClientDecoders.frames(bytes)
        case .http: return Self.request(bytes)
        case .peer: return Self.packets(bytes)
        case .context:
            guard let context = try? ContextCodec.decode(bytes) else { return false }
            return !ContextCodec.encode(context).isEmpty
        case .row:
            guard let siblings = try? SiblingsCodec.decode(bytes) else { return false }
            _ = siblings.context
            return !SiblingsCodec.encode(siblings).isEmpty
        case .log: return LogDecoder.feed(bytes)
        case .store: return HistoryDecoders.store(bytes)
        case .lines: return HistoryDecoders.lines(bytes)
        case .native: return HistoryDecoders.native(bytes)
        case .partitions: return HistoryDecoders.partitions(bytes)
        case .imports:
            guard let history = try? ImportedBytes.parse(bytes, file: "input") else { return false }
            // What an importer lets through needs no further look.
            precondition((try? history.validate(file: "input")) != nil, "an importer let a malformed history through")
            EDNExport.write(history) { _ in }
            return true
        }
    }

    private static func packets(_ bytes: [UInt8]) -> Bool {
        var cutter = FrameCutter()
        bytes.withUnsafeBytes { cutter.append($0) }
        var understood = false
        while let body = try? cutter.next() {
            guard let packet = try? PeerPacket(frameBody: body) else { return understood }
            _ = try? packet.frame()
            understood = true
        }
        return understood
    }

    /// The lines of a request: method and target, headers, and after an empty line the body.
    private static func request(_ bytes: [UInt8]) -> Bool {
        var lines = bytes.split(separator: 10, maxSplits: 6, omittingEmptySubsequences: false)[...]
        let first = lines.popFirst().map { String(decoding: $0, as: UTF8.self) } ?? ""
        let words = first.split(separator: " ", maxSplits: 1)
        var headers: [(String, String)] = []
        while let line = lines.popFirst(), !line.isEmpty {
            let parts = line.split(separator: 58, maxSplits: 1).map { String(decoding: $0, as: UTF8.self) }
            if parts.count == 2 { headers.append((parts[0], parts[1])) }
        }
        return ClientDecoders.request(
            method: words.first.map(String.init) ?? "", target: words.count > 1 ? String(words[1]) : "",
            headers: headers, body: Array(lines.joined(separator: [10])))
    }

    /// Valid inputs to begin with.
    func corpus(seed: UInt64, count: Int) -> [[UInt8]] {
        var messages = RandomMessages(seed: seed)
        return (0..<count).map { index in
            switch self {
            case .frames: Self.frame(&messages, index)
            case .http: Self.httpRequests[index % Self.httpRequests.count]
            case .peer: (try? PeerPacket.message(messages.message()).frame()) ?? []
            case .context: ContextCodec.encode(messages.siblings().context)
            case .row: SiblingsCodec.encode(messages.siblings())
            case .log:
                LogDecoder.sample(
                    Key(bucket: [98], name: [UInt8(truncatingIfNeeded: index)]), messages.siblings(),
                    number: UInt64(index))
            case .imports: Self.histories[index % Self.histories.count]
            case .store, .lines, .native, .partitions: HistoryDecoders.corpus(self, index)
            }
        }
    }

    private static func frame(_ messages: inout RandomMessages, _ index: Int) -> [UInt8] {
        let siblings = messages.siblings()
        let context = Data(ContextCodec.encode(siblings.context))
        let frame: Frame?
        switch index % 4 {
        case 0:
            var get = RpbGetReq()
            (get.bucket, get.key, get.type) = (Data("b".utf8), Data("k".utf8), Data("default".utf8))
            (get.r, get.ifModified, get.timeout) = (UInt32(index), context, 100)
            frame = try? Frame(.getRequest, get)
        case 1:
            var put = RpbPutReq()
            (put.bucket, put.key, put.vclock) = (Data("b".utf8), Data("k".utf8), context)
            put.content.value = Data(siblings.versions.first?.payload.value ?? [])
            put.content.contentType = Data("text/plain".utf8)
            var pair = RpbPair()
            (pair.key, pair.value) = (Data("x".utf8), Data("y".utf8))
            (put.content.usermeta, put.content.indexes) = ([pair], [pair, pair])
            frame = try? Frame(.putRequest, put)
        case 2:
            var delete = RpbDelReq()
            (delete.bucket, delete.key, delete.vclock) = (Data("b".utf8), Data("k".utf8), context)
            frame = try? Frame(.deleteRequest, delete)
        default:
            var set = RpbSetBucketReq()
            set.bucket = Data("b".utf8)
            set.props.nVal = 3
            set.props.allowMult = true
            frame = try? Frame(.setBucketRequest, set)
        }
        return frame?.bytes ?? []
    }

    private static let httpRequests: [[UInt8]] = [
        "GET /buckets/b/keys/k?r=2&pr=one&timeout=100&notfound_ok=true\nIf-None-Match: \"abc\", W/\"d\"\nIf-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT\n\n",
        "PUT /types/t/buckets/b%2Fc/keys/k+l?w=quorum&returnbody=true\nContent-Type: text/plain; charset=utf-8\nX-Riak-Meta-A: b\nx-riak-index-f_bin: 1, 2\nLink: </buckets/b>; rel=\"up\"\n\nvalue",
        "DELETE /riak/b/k?rw=all\nX-Riak-Vclock: 0QE=\n\n",
        "PUT /buckets/b/props\nContent-Type: application/json\n\n{\"props\":{\"n_val\":3,\"allow_mult\":true,\"r\":\"quorum\",\"w\":2}}",
        "GET http://localhost/buckets/b/keys?keys=stream\n\n",
        "GET /buckets/b/keys/k/preflist\n\n",
    ].map { Array($0.utf8) }

    private static let histories: [[UInt8]] = [
        "[{:process 0, :type :invoke, :f :write, :value 3, :time 5} ; so\n {:process :nemesis, :type :info, :f :kill}\n {:process 0, :type :info, :f :write, :error [:a \"b\\n\"]}]",
        "({:process 0 :type :invoke :f :cas :value [1 2]} #op.Op{:process 0 :type :ok :f :cas :value [1 2] :k #{1 \\a 2.5M}})",
        "{:process 1, :type :invoke, :f :read, :value [7 nil]}\n{:process 1, :type :ok, :f :read, :value [7 -1]}\n",
        "[{\"process\":0,\"type\":\"invoke\",\"f\":\"txn\",\"value\":[[\"r\",\"x\",null]]},\n{\"process\":0,\"type\":\"ok\",\"f\":\"txn\",\"value\":[[\"r\",\"x\",1.5e3]],\"note\":\"\\u00e9\"}]",
        "{\"process\":0,\"type\":\"invoke\",\"f\":\"get\",\"key\":\"k\"}\n{\"process\":0,\"type\":\"fail\",\"f\":\"get\",\"time\":9}\n",
        "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\nINFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]\nINFO  jepsen.util - 1\t:info\t:cas\t:timed-out\n",
    ].map { Array($0.utf8) }
}
