import Nemesis

/// Questions to several nodes at once, each with a limit: a node that is paused, starved or cut off must not hold up what the
/// others can answer, least of all the moment at which the next fault begins.
public enum NodePoll {
    /// While load is on, whoever has not answered by then counts as silent.
    public static let underLoad = Duration.seconds(1)

    /// The answers that came within `limit`, by node; whoever fails, has none, or is late is left out.
    public static func all<Answer: Sendable>(
        _ links: [NodeLink], within limit: Duration, _ ask: @escaping @Sendable (NodeLink) async throws -> Answer?
    ) async -> [String: Answer] {
        var answers: [String: Answer] = [:]
        await each(links, within: limit, ask) { node, answer in
            answers[node] = answer
            return true
        }
        return answers
    }

    /// The answer that came first; nil when none did within `limit`.
    public static func first<Answer: Sendable>(
        _ links: [NodeLink], within limit: Duration, _ ask: @escaping @Sendable (NodeLink) async throws -> Answer?
    ) async -> Answer? {
        var first: Answer?
        await each(links, within: limit, ask) { _, answer in
            first = answer
            return false
        }
        return first
    }

    private enum Outcome<Answer: Sendable>: Sendable {
        case answered(String, Answer)
        case silent
        case late
    }

    /// - Parameter take: is shown the answers as they come; whether it wants more.
    private static func each<Answer: Sendable>(
        _ links: [NodeLink], within limit: Duration, _ ask: @escaping @Sendable (NodeLink) async throws -> Answer?,
        _ take: (String, Answer) -> Bool
    ) async {
        await withTaskGroup(of: Outcome<Answer>.self) { group in
            for link in links {
                group.addTask {
                    guard let answer = try? await ask(link) else { return .silent }
                    return .answered(link.node, answer)
                }
            }
            group.addTask {
                try? await Task.sleep(for: limit)
                return .late
            }
            var waiting = links.count
            waiting: while waiting > 0, let outcome = await group.next() {
                switch outcome {
                case .late: break waiting
                case .silent: waiting -= 1
                case .answered(let node, let answer):
                    waiting -= 1
                    if !take(node, answer) { break waiting }
                }
            }
            // The clock, and whoever has not answered: reading a page ends when it is cancelled.
            group.cancelAll()
        }
    }
}
