import Foundation

/// One run of some tests, as one mutant or as none.
struct Trial {
    /// The environment variable that names the mutant to be.
    static let variable = "DYNO_MUTANT"

    /// Which tests run, in this order: what is quick first, so that most mutants never meet what is slow.
    enum Stage: String, CaseIterable {
        case samples, oracle, rest

        private static let quick =
            "ConformanceTests|VerdictTests|WideReadTests|AcknowledgementRuleTests|ContractEdgeTests|FieldTests"
            + "|FieldEdgeTests|LinearizableTests|EvidenceTests"

        var arguments: [String] {
            switch self {
            case .samples: ["--filter", Self.quick]
            case .oracle: ["--filter", "OracleTests"]
            // The list of mutants is about the sources as they are, not about the changed ones.
            case .rest: ["--skip", Self.quick + "|OracleTests|MutantListTests"]
            }
        }
    }

    enum Outcome: Equatable {
        case passed
        /// A test failed: its name.
        case failed(String)
        /// The process ended by itself, or took too long.
        case ended(String)
    }

    let tests: URL

    /// Runs a stage as the mutant of that number, 0 for none, and stops at the first test that fails.
    ///
    /// - Parameter limit: processor seconds that the run may take; nil: as many as it likes.
    func run(_ stage: Stage, as mutant: Int, limit: Int? = nil) throws -> Outcome {
        let process = Process(), pipe = Pipe()
        // A mutant may run for ever and take memory for ever. Processor time, so that a busy machine is no verdict.
        let bounds = limit.map { "ulimit -t \($0) -v 6000000; " } ?? ""
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments =
            ["-c", bounds + "exec \"$0\" \"$@\"", tests.path, "--testing-library", "swift-testing", "--no-parallel"]
            + stage.arguments
        process.environment = ProcessInfo.processInfo.environment.merging([Self.variable: "\(mutant)"]) { $1 }
        process.standardOutput = pipe
        process.standardError = pipe
        try process.run()
        try? pipe.fileHandleForWriting.close()
        let failure = Self.firstFailure(pipe.fileHandleForReading)
        if failure != nil { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        if let failure { return .failed(failure) }
        if process.terminationReason == .uncaughtSignal {
            let signal = process.terminationStatus
            return .ended(signal == SIGXCPU || signal == SIGKILL ? "out of time" : "crash (signal \(signal))")
        }
        return process.terminationStatus == 0 ? .passed : .ended("exit status \(process.terminationStatus)")
    }

    /// Reads what the tests print until one fails, and gives its name; nil at the end of a run without failure.
    private static func firstFailure(_ output: FileHandle) -> String? {
        var text = Data()
        while true {
            let more = output.availableData
            if more.isEmpty { return nil }
            text.append(more)
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[text.startIndex..<end], as: UTF8.self)
                text = Data(text[(end + 1)...])
                guard let words = line.range(of: " recorded an issue") else { continue }
                let name = line[..<words.lowerBound].range(of: "Test ")
                return String(line[(name?.upperBound ?? line.startIndex)..<words.lowerBound])
            }
        }
    }
}
