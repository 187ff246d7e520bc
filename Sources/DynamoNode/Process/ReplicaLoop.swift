import Causality
import Dynamo
import Glibc
import Logging
import NIOCore

/// Runs a replica on an event loop: hands it what happens, and does what it wants done.
///
/// Everything here happens on that loop. Inputs that come up while an effect is being done wait until all effects of
/// the input before are done, so effects are done in the order in which the replica listed them.
final class ReplicaLoop {
    let eventLoop: any EventLoop
    let store: any StorageEngine
    let metrics: Metrics
    let log: Logger
    /// Messages leave through this; the node sets it before ``start()``.
    var send: (Message, String) -> Void = { _, _ in }
    /// Told where a node is from now on, or, with nil, that it is talked with no more.
    var connect: (_ node: String, _ address: String?) -> Void = { _, _ in }
    /// Called once after everything that this turn of the event loop brought has been handled.
    var endOfTurn: [() -> Void] = []

    private var replica: Replica<EngineStore>
    private let commits: GroupCommit
    private var timers = TimerQueue<Dynamo.Timer>()
    private var alarm: (deadline: Instant, task: Scheduled<Void>)?
    private var answers: [RequestID: (ClientReply) -> Void] = [:]
    private var pages: [RequestID: (Result<ListPage, RequestFailure>) -> Void] = [:]
    private var membershipAnswers: [RequestID: (MembershipAnswer) -> Void] = [:]
    private var lastRequest: RequestID = 0
    private var inputs: [Input] = []
    private var isHandling = false
    private var isEndScheduled = false

    init(
        replica: Replica<EngineStore>, store: any StorageEngine, commits: GroupCommit, metrics: Metrics, log: Logger,
        eventLoop: any EventLoop
    ) {
        self.replica = replica
        self.store = store
        self.commits = commits
        self.metrics = metrics
        self.log = log
        self.eventLoop = eventLoop
    }

    // MARK: What happens

    func start() {
        commits.onOutcome = { [unowned self] outcome in batchEnded(outcome) }
        commits.onFillingFailure = { [metrics, log] failure in
            metrics.storeErrors += 1
            log.error("the databases cannot be filled from the commit log", metadata: ["reason": "\(failure)"])
        }
        perform(replica.start(at: Self.now()))
        drain()
    }

    func get(_ request: GetRequest, answer: @escaping (ClientReply) -> Void) { handle(.get(open(answer), request)) }

    func put(_ request: PutRequest, answer: @escaping (ClientReply) -> Void) { handle(.put(open(answer), request)) }

    func setBucket(_ bucket: [UInt8], _ properties: BucketProperties, answer: @escaping (ClientReply) -> Void) {
        handle(.setBucket(open(answer), bucket: bucket, properties))
    }

    /// Asks for a page of a listing.
    func list(_ request: ListRequest, answer: @escaping (Result<ListPage, RequestFailure>) -> Void) {
        lastRequest += 1
        pages[lastRequest] = answer
        handle(.list(lastRequest, request))
    }

    func change(_ request: MembershipRequest, answer: @escaping (MembershipAnswer) -> Void) {
        lastRequest += 1
        membershipAnswers[lastRequest] = answer
        handle(.membership(lastRequest, request))
    }

    /// Hands an input to the replica, now or after those that wait already.
    func handle(_ input: Input) {
        inputs.append(input)
        drain()
    }

    /// Writes and syncs whatever is applied, then calls `done`.
    func finishWriting(_ done: @escaping () -> Void) { commits.finish(done) }

    // MARK: What an observer asks

    var configuration: Configuration { replica.configuration }
    var ring: Ring { replica.ring }
    var homePartitions: [Int] { replica.homePartitions }
    var peerStates: [PeerState] { replica.peerStates }
    var membershipStatus: MembershipStatus { replica.membershipStatus }
    var openRequests: Int { answers.count }
    /// The number under which the node assigns dots while its store lives; 0 until the replica has drawn one.
    var incarnation: UInt64 { (try? store.number("base-incarnation")) ?? 0 }
    func isHome(_ key: Key) -> Bool { replica.isHome(key) }
    func partition(of key: Key) -> Int { replica.partition(of: key) }
    func homes(of key: Key) -> [String] { replica.homes(of: key) }
    var merkleSnapshot: MerkleSnapshot { replica.merkleSnapshot }
    func readRoot(partition: Int, budget: inout Int) -> Replica<EngineStore>.RootReading {
        replica.readRoot(partition: partition, budget: &budget)
    }
    func bucketProperties(_ bucket: [UInt8]) -> BucketProperties { replica.bucketProperties(bucket) }
    func ownBucketProperties(_ bucket: [UInt8]) -> BucketProperties { replica.ownBucketProperties(bucket) }
    func hasType(_ bucket: BucketName) -> Bool { replica.hasType(bucket) }

    // MARK: Inside

    private func open(_ answer: @escaping (ClientReply) -> Void) -> RequestID {
        lastRequest += 1
        answers[lastRequest] = answer
        return lastRequest
    }

    private func drain() {
        if isHandling { return }
        isHandling = true
        defer { isHandling = false }
        var next = 0
        while next < inputs.count {
            let input = inputs[next]
            next += 1
            perform(replica.handle(input, at: Self.now(), wallClock: Self.wallClock()))
        }
        inputs.removeAll(keepingCapacity: true)
        setAlarm()
        scheduleEndOfTurn()
    }

    private func perform(_ effects: [Effect]) {
        for effect in effects {
            switch effect {
            case .send(let message, let node): send(message, node)
            case .sync(let token): commits.request(token)
            case .setTimer(let timer, let delay): timers.set(timer, deadline: Self.now() + max(0, delay))
            case .cancelTimer(let timer): timers.cancel(timer)
            case .reply(let request, let reply): answers.removeValue(forKey: request)?(reply)
            case .listed(let request, let page): pages.removeValue(forKey: request)?(page)
            case .membership(let request, let answer): membershipAnswers.removeValue(forKey: request)?(answer)
            case .connect(let node, let address): connect(node, address)
            case .disconnect(let node): connect(node, nil)
            case .note(let note): take(note)
            }
        }
    }

    private func take(_ note: Note) {
        metrics.count(note)
        switch note {
        case .nodeSuspected(let node):
            log.warning("peer suspected", metadata: ["peer": "\(node)"])
        case .storeRefused(let reason):
            log.error("the disk refused a request", metadata: ["reason": "\(reason)"])
        case .nodeRecovered(let node):
            log.info("peer recovered", metadata: ["peer": "\(node)"])
        case .exchanged(let partition, let peer, let keysDiffering) where keysDiffering > 0:
            log.info(
                "exchange found differences",
                metadata: ["partition": "\(partition)", "peer": "\(peer)", "keys": "\(keysDiffering)"])
        case .hintExpired(let home): log.warning("hint given up for its age", metadata: ["home": "\(home)"])
        case .manySiblings(let key, let count):
            log.warning("many siblings", metadata: ["key": "\(key.readable)", "siblings": "\(count)"])
        case .ringChanged(let pending):
            log.info("membership changed", metadata: ["pending": "\(pending)"])
        case .membershipRefused(let peer):
            log.warning("a peer belongs to another store", metadata: ["peer": "\(peer)"])
        case .hintDropped(let home): log.warning("hint dropped", metadata: ["home": "\(home)"])
        default: log.trace("note", metadata: ["note": "\(note)"])
        }
    }

    private func batchEnded(_ outcome: GroupCommit.Outcome) {
        metrics.syncs += 1
        metrics.syncNanoseconds += outcome.duration
        if let failure = outcome.failure {
            metrics.storeErrors += 1
            log.error("write refused", metadata: ["reason": "\(failure)"])
            inputs += outcome.tokens.map { .syncFailed($0, reason: "\(failure)") }
        } else {
            inputs += outcome.tokens.map { .synced($0) }
        }
        drain()
    }

    /// Keeps one task of the event loop set for the earliest timer.
    private func setAlarm() {
        guard let deadline = timers.nextDeadline() else { return }
        if let alarm {
            if alarm.deadline <= deadline { return }
            alarm.task.cancel()
        }
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        let task = eventLoop.scheduleTask(deadline: .uptimeNanoseconds(UInt64(clamping: deadline))) {
            here.value.fireTimers()
        }
        alarm = (deadline, task)
    }

    private func fireTimers() {
        alarm = nil
        let now = Self.now()
        // One at a time: a timer may cancel those behind it.
        while let timer = timers.popDue(at: now) { handle(.timer(timer)) }
        setAlarm()
    }

    /// Asks that ``endOfTurn`` be called.
    func scheduleEndOfTurn() {
        if isEndScheduled { return }
        isEndScheduled = true
        let here = NIOLoopBound(self, eventLoop: eventLoop)
        eventLoop.execute {
            here.value.isEndScheduled = false
            here.value.commits.writeIfIdle()
            for action in here.value.endOfTurn { action() }
        }
    }

    /// Nanoseconds on the monotonic clock, the one that the event loop's deadlines are told in.
    static func now() -> Instant { Instant(clamping: NIODeadline.now().uptimeNanoseconds) }

    /// Microseconds since 1970.
    static func wallClock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(clamping: time.tv_sec) * 1_000_000 + UInt64(clamping: time.tv_nsec / 1_000)
    }
}
