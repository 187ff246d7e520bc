import ArgumentParser
import Foundation

/// `mutate-checkers`: plants small faults in the checkers, one at a time, and counts how many their tests notice.
@main
struct MutateCheckers: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "mutate-checkers",
        abstract: "Plant small faults in the checkers, and count how many the tests notice.",
        discussion: """
            The faults are listed in \(Mutant.listPath). A copy of the checkers and of their tests is built with all of them \
            in it, under .build/mutation; the product is never touched. Then the tests run once for each, which an \
            environment variable chooses, and stop at the first failure. Run it from the root of the repository.
            Exit status: 0 every mutant was killed or is a known equivalent, 1 another one survived, or a known equivalent \
            was killed.
            """)

    @Option(help: "How many mutants to try at a time (default: as many as there are processors).")
    var jobs: Int?

    @Option(parsing: .upToNextOption, help: "Try the mutants of these numbers alone.")
    var only: [Int] = []

    @Flag(help: "List the mutants and try none.")
    var list = false

    func validate() throws {
        guard (1...256).contains(jobs ?? 1) else { throw ValidationError("--jobs: 1 to 256") }
    }

    func run() throws {
        let root = URL(fileURLWithPath: FileManager.default.currentDirectoryPath)
        guard FileManager.default.fileExists(atPath: root.appendingPathComponent(Mutant.listPath).path) else {
            throw ValidationError("there is no \(Mutant.listPath) here: run this from the root of the repository")
        }
        let mutants = try Mutant.list(root: root)
        if list {
            for mutant in mutants { print("\(mutant.number)\t\(mutant.path)\t\(mutant.meaning)") }
            return
        }
        if let stranger = only.first(where: { !(1...mutants.count).contains($0) }) {
            throw ValidationError("--only: \(stranger) is no mutant; there are 1 to \(mutants.count)")
        }
        let began = Date()
        let package = MutatedPackage(root: root)
        try package.write(mutants)
        try package.build()
        let chosen = only.isEmpty ? mutants : mutants.filter { only.contains($0.number) }
        let results = try Campaign(tests: package.tests, jobs: jobs ?? ProcessInfo.processInfo.activeProcessorCount)
            .run(chosen)
        let summary = Summary(results: results)
        print(summary.text(seconds: Date().timeIntervalSince(began)))
        if !summary.isGood { throw ExitCode(1) }
    }
}
