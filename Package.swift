// swift-tools-version: 6.1
import PackageDescription

/// Settings of every target of ours: one language mode, existentials spelled out.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
]

/// Swift's own libraries as part of the program, and of those only what it uses: a node then needs a seventh less memory.
/// In one group, for they need each other.
let staticRuntime: [LinkerSetting] = [
    .unsafeFlags(
        ["-static-stdlib", "-Xlinker", "--start-group"]
            + [
                "Foundation", "CoreFoundation", "_FoundationCShims", "_FoundationCollections", "FoundationEssentials",
                "FoundationInternationalization", "_FoundationICU", "swiftSynchronization", "swift_StringProcessing",
                "swift_RegexParser",
            ].flatMap { ["-Xlinker", "-l\($0)"] } + ["-Xlinker", "--end-group"],
        .when(platforms: [.linux]))
]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], exclude: [String] = []) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(name)", exclude: exclude, swiftSettings: swiftSettings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], exclude: [String] = []) -> Target {
    .testTarget(
        name: name, dependencies: dependencies, path: "Tests/\(name)", exclude: exclude, swiftSettings: swiftSettings)
}

let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1: Target.Dependency = .product(name: "NIOHTTP1", package: "swift-nio")
let protobuf: Target.Dependency = .product(name: "SwiftProtobuf", package: "swift-protobuf")
let arguments: Target.Dependency = .product(name: "ArgumentParser", package: "swift-argument-parser")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let histogram: Target.Dependency = .product(name: "Histogram", package: "hdrhistogram-swift")

let package = Package(
    name: "dyno",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "dyno", targets: ["dyno"]),
        .executable(name: "dynamo-node", targets: ["dynamo-node"]),
        // Preloaded into nodes whose clock or disk is to fail.
        .library(name: "dyno-faults", type: .dynamic, targets: ["FaultLibrary"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(name: "CDeflate", path: "Sources/CDeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CLinux", path: "Sources/CLinux"),
        .systemLibrary(name: "CNftables", path: "Sources/CNftables", providers: [.apt(["libnftables-dev"])]),
        .systemLibrary(name: "CPcap", path: "Sources/CPcap", providers: [.apt(["libpcap-dev"])]),
        .systemLibrary(name: "CZlib", path: "Sources/CZlib", providers: [.apt(["zlib1g-dev"])]),
        .target(name: "FaultLibrary", path: "Sources/FaultLibrary"),
        module("Causality"),
        module("Dynamo", ["Causality"]),
        module("Simulation", ["Dynamo", "Causality"]),
        module("RiakProtocol", [protobuf], exclude: ["riak.proto"]),
        module("PeerProtocol", ["Dynamo", "Causality", protobuf], exclude: ["peer.proto"]),
        module(
            "DynamoNode",
            [
                "Causality", "Dynamo", "RiakProtocol", "PeerProtocol", "CZlib", nioCore, nioPosix, nioHTTP1, grdb,
                logging,
                arguments,
            ]),
        .executableTarget(
            name: "dynamo-node", dependencies: ["DynamoNode"], path: "Sources/dynamo-node",
            swiftSettings: swiftSettings, linkerSettings: staticRuntime),
        module(
            "Fuzzing",
            [
                "CDeflate", "Causality", "Checkers", "Dynamo", "DynamoNode", "History", "Importers", "PeerProtocol",
                "RiakProtocol",
            ]),
        .executableTarget(
            name: "fuzz-decoders", dependencies: ["Fuzzing", arguments], path: "Sources/fuzz-decoders",
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "mutate-checkers", dependencies: [arguments], path: "Sources/mutate-checkers",
            exclude: ["mutants.json"], swiftSettings: swiftSettings),
        module("History", ["CDeflate", "CZlib"], exclude: ["Format.md"]),
        module("Notation"),
        module("Linearizability"),
        module("Importers", ["History", "Notation"]),
        module("Checkers", ["History", "Linearizability", "Notation"]),
        module("Workload", ["History", "RiakProtocol", nioCore, nioPosix, yams, histogram]),
        module("Nemesis", ["History", "Workload"]),
        module("Wire", ["CPcap", "CZlib", "Dynamo", "PeerProtocol", "RiakProtocol"]),
        module(
            "Controller",
            [
                "Causality", "CLinux", "CNftables", "CZlib", "Dynamo", "History", "PeerProtocol", "Workload", "Nemesis",
                "Wire", nioCore, nioPosix, nioHTTP1,
            ]),
        module(
            "Stress",
            [
                "Causality", "Controller", "Dynamo", "DynamoNode", "Nemesis", "RiakProtocol", "Workload", nioCore,
                nioPosix, histogram,
            ]),
        module("Report", ["History", "Checkers", "Workload"]),
        module("Gate", ["Checkers", "History", "Report", "Workload", yams], exclude: ["Examples"]),
        module(
            "Nightly", ["Checkers", "Gate", "History", "Report", "Workload", grdb, yams], exclude: ["Examples"]),
        module(
            "Calibration",
            ["Causality", "Checkers", "Dynamo", "History", "Nemesis", "Report", "Simulation", "Workload"]),
        .executableTarget(
            name: "dyno",
            dependencies: [
                "Calibration", "Checkers", "Controller", "Dynamo", "Gate", "History", "Importers", "Linearizability",
                "Nightly", "Report", "Stress", "Wire", "Workload", arguments, nioCore, nioPosix, nioHTTP1,
            ],
            path: "Sources/dyno", swiftSettings: swiftSettings),
        tests("CausalityTests", ["Causality"]),
        tests("DynamoTests", ["Causality", "Dynamo", "Simulation"]),
        tests("RiakProtocolTests", ["Dynamo", "RiakProtocol", protobuf]),
        tests("PeerProtocolTests", ["Causality", "Dynamo", "Fuzzing", "PeerProtocol", protobuf]),
        tests(
            "DynamoNodeTests",
            ["Causality", "Dynamo", "DynamoNode", "RiakProtocol", protobuf, grdb, nioCore, nioPosix],
            exclude: ["Clients"]),
        tests("FuzzingTests", ["Fuzzing"]),
        tests("HistoryTests", ["History"]),
        tests("CheckersTests", ["Checkers", "History"], exclude: ["Conformance"]),
        tests("LinearizabilityTests", ["Linearizability"]),
        tests(
            "ImportersTests", ["Checkers", "Fuzzing", "History", "Importers", "Notation"], exclude: ["Fixtures"]),
        tests("WorkloadTests", ["History", "RiakProtocol", "Workload"]),
        tests("NemesisTests", ["History", "Nemesis", "Workload"]),
        tests("StressTests", ["Controller", "Dynamo", "History", "Nemesis", "RiakProtocol", "Stress", "Workload"]),
        tests(
            "WireTests",
            ["Causality", "Dynamo", "Fuzzing", "History", "PeerProtocol", "RiakProtocol", "Wire", protobuf]),
        tests("CalibrationTests", ["Calibration", "Checkers", "Dynamo", "History", "Report", "Workload"]),
        tests("ReportTests", ["Checkers", "History", "Report"], exclude: ["Examples", "Golden"]),
        tests("ControllerTests", ["Controller"]),
        tests("GateTests", ["Checkers", "Gate", "History", "Workload"]),
        tests("NightlyTests", ["Checkers", "Gate", "History", "Nightly", "Workload"]),
        tests("Integration", ["History"]),
    ]
)
