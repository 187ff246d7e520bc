import Foundation
import Testing
import Workload

/// The workloads that come with the project.
@Suite struct WorkloadFolderTests {
    private static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    private static func read(_ name: String) throws -> (workload: Workload, text: String) {
        let file = root.appending(path: "Workloads/\(name).yml")
        let text = try String(contentsOf: file, encoding: .utf8)
        return (try WorkloadFile.parse(text: text, file: file.lastPathComponent), text)
    }

    @Test func everyFileIsSoundAndSaysWhatItProves() throws {
        let folder = Self.root.appending(path: "Workloads")
        let files = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".yml") }
        #expect(files.count >= 6)
        for file in files {
            let name = String(file.dropLast(4))
            let (workload, text) = try Self.read(name)
            #expect(workload.name == name)
            #expect(text.hasPrefix("# "), "\(file) must begin with what it proves")
            #expect(text.contains("\nseed: "), "\(file) must fix its seed")
            #expect(!workload.require.isEmpty, "\(file) must say what makes its verdict count")
        }
    }

    @Test func onlyHintsCanSaveAWriteInHandoff() throws {
        let store = try Self.read("handoff").workload.store
        #expect(!store.antiEntropy && !store.readRepair && store.hintedHandoff && store.sloppyQuorum)
    }

    @Test func onlyMerkleExchangeCanSaveAWriteInAntiEntropy() throws {
        let store = try Self.read("anti-entropy").workload.store
        #expect(store.antiEntropy && !store.readRepair && !store.hintedHandoff)
    }

    @Test func cartsAreMerged() throws {
        #expect(try Self.read("cart").workload.merge == .cart)
    }

    @Test func siblingsHasManyWritersOnFewKeys() throws {
        let workload = try Self.read("siblings").workload
        #expect(workload.clients >= 4 * workload.keys.count)
    }

    /// `make run` must do all this within a minute and a half.
    @Test func everythingIsUnderLoadFromBeginToEnd() throws {
        let workload = try Self.read("everything").workload
        guard case .operations(let operations) = workload.length, let rate = workload.rate else {
            Issue.record("the load must be counted and paced")
            return
        }
        #expect(operations >= 20_000)
        let load = Duration.seconds(1) * operations / rate
        #expect(load >= .seconds(30) && load <= .seconds(40))
        var kills = 0, partitions = 0
        for fault in workload.faults {
            let (last, count) = Self.last(fault.schedule)
            #expect(last + fault.duration < load)
            switch fault.action {
            case .kill(.home): kills += count
            case .partition: partitions += count
            default: break
            }
        }
        #expect(kills >= 2 && partitions >= 2)
        #expect(workload.store.antiEntropy && workload.store.hintedHandoff && workload.store.readRepair)
    }

    private static func last(_ schedule: FaultSpec.Schedule) -> (begin: Duration, count: Int) {
        switch schedule {
        case .once(let at): (at, 1)
        case .repeated(let every, let from, let count): (from + every * ((count ?? 1) - 1), count ?? 1)
        }
    }

    @Test func thePageOfWorkloadFilesHasEveryKey() throws {
        let page = try String(
            contentsOf: Self.root.appending(path: "Sources/Workload/Workload.docc/WorkloadFiles.md"), encoding: .utf8)
        for section in WorkloadSchema.sections {
            for key in section.keys {
                let row = "| `\(key.name)` | \(key.values) | \(key.byDefault) | \(key.meaning) |"
                #expect(page.contains(row), "missing: \(row)")
            }
        }
    }
}
