import History
import Nemesis
import Synchronization
import Workload

/// A bench that only writes down what is done to it.
final class PaperBench: Bench {
    struct State {
        var down: Set<String> = []
        /// Nodes that do not start.
        var badDisks: Set<String> = []
        var paused: Set<String> = []
        var cuts: [DirectedLink] = []
        var shapes: [LinkShape] = []
        var resets: [DirectedLink] = []
        var deeds: [String] = []
    }

    struct Refusal: Error {}

    let nodes = ["n1", "n2", "n3", "n4", "n5"]
    let state = Mutex(State())
    let refusesToCut: Bool
    /// Never comes back from waking a paused node.
    let hangsOnResume: Bool
    private let clock = Mutex(Int64(0))

    init(refusesToCut: Bool = false, hangsOnResume: Bool = false) {
        self.refusesToCut = refusesToCut
        self.hangsOnResume = hangsOnResume
    }

    var now: Int64 {
        clock.withLock {
            $0 += 1; return $0
        }
    }

    func kill(_ node: String) async throws {
        state.withLock {
            $0.down.insert(node)
            $0.deeds.append("kill \(node)")
        }
    }

    func start(_ node: String) async throws {
        try state.withLock {
            if $0.badDisks.contains(node) { throw Refusal() }
            $0.down.remove(node)
            $0.deeds.append("start \(node)")
        }
    }

    func pause(_ node: String) async throws { state.withLock { _ = $0.paused.insert(node) } }
    func resume(_ node: String) async throws {
        note("resume \(node)")
        if hangsOnResume { try await Task.sleep(for: .seconds(86_400)) }
        state.withLock { _ = $0.paused.remove(node) }
    }

    func cut(_ links: [DirectedLink], clientsOf: [String]) async throws {
        if refusesToCut && !links.isEmpty { throw Refusal() }
        state.withLock { $0.cuts = links }
    }

    let replicas = 3
    let zones = ["n1": "east", "n2": "east", "n3": "west", "n4": "west", "n5": "north"]
    func preferenceList(of key: String) async -> [String]? { ["n3", "n1", "n5", "n2", "n4"] }
    func hintsHeld() async -> [String: Int] { ["n1": 1, "n4": 7, "n5": 0] }

    private func note(_ deed: String) { state.withLock { $0.deeds.append(deed) } }

    func stop(_ node: String) async throws { note("stop \(node)") }
    func shape(_ shapes: [LinkShape]) async throws { state.withLock { $0.shapes = shapes } }
    func reset(_ links: [DirectedLink]) async throws { state.withLock { $0.resets = links } }

    func setClock(of node: String, _ trouble: ClockTrouble?) async throws -> String {
        note("clock \(node) \(trouble == nil ? "right" : "wrong")")
        return "looked at the clock"
    }

    func setDisk(of node: String, _ trouble: DiskTrouble, inForce: Bool) async throws -> String {
        state.withLock { state in
            if inForce { state.badDisks.insert(node) } else { state.badDisks.remove(node) }
            state.deeds.append("disk \(node) \(inForce ? trouble.word : "sound")")
        }
        return "looked at the disk"
    }

    func cutPower(_ nodes: [String]) async throws -> [String] {
        note("power off \(nodes.joined(separator: ","))")
        return ["cut the power"]
    }

    func restorePower(_ nodes: [String]) async throws -> [String] {
        note("power on \(nodes.joined(separator: ","))")
        return ["looked at what was kept"]
    }

    func exhaustMemory(of node: String) async throws -> String {
        note("oom \(node)")
        return "counted a kill"
    }

    func freeMemory(of node: String) async throws { note("memory \(node)") }

    func throttle(_ node: String, percent: Int?) async throws -> String {
        note("throttle \(node) \(percent ?? 0)")
        return "counted"
    }

    func coordinating() async -> [String: Int] { ["n1": 3, "n2": 90, "n5": 60] }

    func damage(_ node: String, _ damage: FileDamage) async throws -> String {
        note("\(damage.rawValue) \(node)")
        return "looked at the files"
    }

    /// Comes to its end once nothing is cut.
    func join(_ node: String) async throws {
        while !state.withLock({ $0.cuts.isEmpty }) { try await Task.sleep(for: .milliseconds(1)) }
        note("join \(node)")
    }
    func leave(_ node: String) async throws { note("leave \(node)") }
    func replace(_ node: String, with newcomer: String) async throws { note("replace \(node) \(newcomer)") }
}

/// Keeps the events it is told of.
final class PaperSink: EventSink {
    let events = Mutex<[EventDraft]>([])
    func record(_ draft: EventDraft) { events.withLock { $0.append(draft) } }
    var functions: [Function] { events.withLock { $0.map(\.function) } }
}
