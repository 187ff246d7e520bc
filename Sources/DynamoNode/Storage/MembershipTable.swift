import Dynamo
import Foundation
import GRDB
import PeerProtocol

/// The membership on disk: one row, as nodes tell each other of it.
extension DataFile {
    static let membershipSchema = """
        ;
        CREATE TABLE membership (
            id INTEGER PRIMARY KEY CHECK (id = 1), state BLOB NOT NULL, checksum INTEGER NOT NULL)
        """

    func membership() throws(StoreError) -> MembershipState? {
        try file.read { db in
            guard let row = try Row.fetchOne(db, sql: "SELECT state, checksum FROM membership") else { return nil }
            guard let bytes = row.bytes(0), row.integer(1) == UInt64(Self.checksum(bytes)),
                let state = try? MembershipState(encoded: bytes)
            else { throw StoreError.corruptRow(path: path, key: "the membership") }
            return state
        }
    }

    static func write(_ membership: MembershipState, _ db: Database) throws {
        let bytes = try membership.encoded()
        try db.execute(
            sql: "INSERT OR REPLACE INTO membership VALUES (1, ?, ?)", arguments: [Data(bytes), Int64(checksum(bytes))])
    }

    private static func checksum(_ bytes: [UInt8]) -> UInt32 {
        var checksum = Checksum()
        checksum.addCounted(bytes)
        return checksum.value
    }
}
