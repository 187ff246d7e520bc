import Yams

/// YAML text as a tree of nodes with line numbers; every failure becomes a ``WorkloadError``.
package enum YAMLDocument {
    /// The longest file accepted, in bytes.
    static let maximumLength = 1 << 18
    /// How deep lists and mappings may nest on one line, far above any workload: the parser below is recursive.
    static let maximumDepth = 16

    /// The root of the only document in `text`. `example` shows how such a file begins.
    package static func root(
        of text: String, file: String, example: String = "a workload begins like: name: handoff"
    ) throws(WorkloadError) -> Node {
        guard text.utf8.count <= maximumLength else {
            throw WorkloadError(file: file, line: nil, message: "is longer than \(maximumLength) bytes")
        }
        if let problem = YAMLScan.problem(in: text, maximumDepth: maximumDepth) {
            throw WorkloadError(file: file, line: problem.line, message: problem.message)
        }
        let node: Node?
        do {
            node = try Yams.compose(yaml: text)
        } catch let error as YamlError {
            throw failure(error, file: file)
        } catch {
            throw WorkloadError(file: file, line: nil, message: "is not YAML: \(error)")
        }
        guard let node else {
            throw WorkloadError(file: file, line: nil, message: "is empty; \(example)")
        }
        return node
    }

    private static func failure(_ error: YamlError, file: String) -> WorkloadError {
        switch error {
        case .scanner(let context, let problem, let mark, _), .parser(let context, let problem, let mark, _),
            .composer(let context, let problem, let mark, _):
            let why = [context?.text, problem].compactMap { $0 }.joined(separator: ", ")
            return WorkloadError(file: file, line: mark.line, message: "is not YAML: \(why)")
        case .duplicatedKeysInMapping(let duplicates, let context):
            let names = duplicates.map { "\"\($0)\"" }.joined(separator: ", ")
            return WorkloadError(
                file: file, line: context.mark.line, message: "key \(names) is given more than once")
        case .reader(let problem, _, _, _):
            return WorkloadError(file: file, line: nil, message: "is not YAML: \(problem)")
        default:
            return WorkloadError(file: file, line: nil, message: "is not YAML: \(error)")
        }
    }
}
