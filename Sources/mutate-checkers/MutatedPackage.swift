import Foundation

/// A copy of the checkers, of what they need and of their tests, with every mutant in it: one build serves all.
struct MutatedPackage {
    /// Where the copy is.
    let folder: URL
    private let root: URL

    /// What of the repository is copied.
    private static let parts = [
        "Sources/CDeflate", "Sources/CZlib", "Sources/History", "Sources/Notation", "Sources/Linearizability",
        "Sources/Checkers", "Tests/CheckersTests", "Tests/LinearizabilityTests", "Histories/golden",
    ]

    private static let manifest = """
        // swift-tools-version: 6.1
        import PackageDescription

        let settings: [SwiftSetting] = [.swiftLanguageMode(.v6), .enableUpcomingFeature("ExistentialAny")]
        let package = Package(
            name: "mutation",
            platforms: [.macOS(.v15)],
            targets: [
                .systemLibrary(name: "CDeflate"),
                .systemLibrary(name: "CZlib"),
                .target(
                    name: "History", dependencies: ["CDeflate", "CZlib"], exclude: ["Format.md"], swiftSettings: settings),
                .target(name: "Notation", swiftSettings: settings),
                .target(name: "Linearizability", swiftSettings: settings),
                .target(
                    name: "Checkers", dependencies: ["History", "Linearizability", "Notation"], swiftSettings: settings),
                .testTarget(
                    name: "CheckersTests", dependencies: ["Checkers", "History"], exclude: ["Conformance"],
                    swiftSettings: settings),
                .testTarget(
                    name: "LinearizabilityTests", dependencies: ["Linearizability"], swiftSettings: settings),
            ]
        )

        """

    init(root: URL) {
        self.root = root
        folder = root.appendingPathComponent(".build/mutation/package")
    }

    /// The program that runs the tests, once ``build()`` is through.
    var tests: URL { folder.appendingPathComponent(".build/release/mutationPackageTests.xctest") }

    /// Writes the copy. Files that are there already with the same content stay untouched, for the build's sake.
    func write(_ mutants: [Mutant]) throws {
        var wanted = ["Package.swift": Data(Self.manifest.utf8)]
        for module in Mutant.modules {
            wanted["Sources/\(module)/ChosenMutant.swift"] = Data(MutatedSource.choice.utf8)
        }
        for part in Self.parts {
            for file in try FileManager.default.subpathsOfDirectory(atPath: root.appendingPathComponent(part).path) {
                let path = part + "/" + file
                let source = root.appendingPathComponent(path)
                guard try source.resourceValues(forKeys: [.isRegularFileKey]).isRegularFile == true else { continue }
                wanted[path] = try Data(contentsOf: source)
            }
        }
        for (path, group) in Dictionary(grouping: mutants, by: \.path) {
            guard let data = wanted[path] else {
                throw MutationFailure("\(Mutant.listPath): there is no file \(path)")
            }
            wanted[path] = Data(try MutatedSource(String(decoding: data, as: UTF8.self), group).rendered().utf8)
        }
        try removeAll(but: Set(wanted.keys))
        for (path, data) in wanted { try write(data, to: folder.appendingPathComponent(path)) }
    }

    private func write(_ data: Data, to path: URL) throws {
        if (try? Data(contentsOf: path)) == data { return }
        try FileManager.default.createDirectory(at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
        try data.write(to: path)
    }

    /// Removes copies of files that are no longer in the repository.
    private func removeAll(but wanted: Set<String>) throws {
        for part in Self.parts {
            let copies = (try? FileManager.default.subpathsOfDirectory(atPath: folder.path + "/" + part)) ?? []
            for file in copies where !wanted.contains(part + "/" + file) {
                let path = folder.path + "/" + part + "/" + file
                var isFolder: ObjCBool = false
                guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue
                else { continue }
                try FileManager.default.removeItem(atPath: path)
            }
        }
    }

    /// Builds the copy and its tests, as the product is built: release.
    func build() throws {
        let swift = Process()
        swift.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        swift.arguments = [
            "swift", "build", "-c", "release", "--build-tests", "--package-path", folder.path,
        ]
        try swift.run()
        swift.waitUntilExit()
        guard swift.terminationStatus == 0 else {
            throw MutationFailure("the package with the mutants in it does not build: see above")
        }
    }
}
