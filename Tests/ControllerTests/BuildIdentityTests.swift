import Controller
import Foundation
import Testing

@Suite struct BuildIdentityTests {
    @Test func anotherProgramIsAnotherBuild() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "build-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let path = folder.appending(path: "program").path
        try Data("one".utf8).write(to: URL(filePath: path))
        let one = BuildIdentity.of([path])
        #expect(BuildIdentity.of([path]) == one)
        #expect(BuildIdentity.of([path, path]) == "\(one)-\(one)")
        try Data("two".utf8).write(to: URL(filePath: path))
        #expect(BuildIdentity.of([path]) != one)
        #expect(BuildIdentity.of([path + "-not-there"]) == "missing")
    }
}
