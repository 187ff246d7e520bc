import Foundation
import GRDB

/// The index of all nights and their runs, in an SQLite file that lies beside them: what a night that was killed goes on
/// from, and what trends are read from. Every call is durable when it returns.
public final class NightIndex: Sendable {
    private let database: DatabaseQueue

    /// A night as the index knows it.
    public struct NightRow: Sendable, Hashable {
        public var id: Int64
        public var plan: String
        public var seed: UInt64
        /// Seconds since 1970.
        public var started: Int64
        public var ended: Int64?
        /// Seconds.
        public var budget: Int64
        public var build: String
        public var directory: String
        /// `pass`, `fail` or `inconclusive`; nil while it goes on.
        public var outcome: String?
    }

    /// What a run was made for.
    public enum Kind: String, Sendable, CaseIterable { case canary, matrix, reproduce, reduce }

    /// A run as the index knows it.
    public struct RunRow: Sendable, Hashable {
        public var night: Int64
        public var kind: Kind
        /// Its number among those of its kind, from 0.
        public var number: Int
        public var workload: String
        public var store: String
        public var seed: UInt64
        public var path: String
        /// `running`, or what was decided: `valid`, `invalid`, `unknown`, `broken`.
        public var status: String
        public var signature: String?
        public var operations: Int
        /// Nanoseconds; nil where it was not measured.
        public var convergence: Int64?
        public var p999: Int64?
        public var seconds: Double
        /// Why it is unknown or broken.
        public var reason: String?
    }

    /// A kind of failure of one night.
    public struct SignatureRow: Sendable, Hashable {
        public var night: Int64
        public var signature: String
        /// The run that showed it first.
        public var firstRun: String
        /// How often the matrix showed it.
        public var count: Int
        /// Whether an earlier night had it.
        public var isKnown: Bool
        public var reproduced: Int
        public var attempts: Int
        public var operations: Int
        public var reducedOperations: Int?
        public var reducedRun: String?
        /// The kinds of fault that the reduced run still has, each shown to be needed, ascending; nil: not known.
        public var neededFaults: [String]?
        /// Whether everything was done to make it again and smaller.
        public var isStudied = false
    }

    /// Opens the index, and creates it when it is not there.
    ///
    /// - Throws: GRDB's `DatabaseError`.
    public init(path: String) throws {
        database = try DatabaseQueue(path: path)
        try database.write { db in
            try db.execute(
                sql: """
                    CREATE TABLE IF NOT EXISTS nights (
                        id INTEGER PRIMARY KEY, plan TEXT NOT NULL, seed TEXT NOT NULL, started INTEGER NOT NULL,
                        ended INTEGER, budget INTEGER NOT NULL, build TEXT NOT NULL, directory TEXT NOT NULL, outcome TEXT);
                    CREATE TABLE IF NOT EXISTS runs (
                        night INTEGER NOT NULL REFERENCES nights(id), kind TEXT NOT NULL, number INTEGER NOT NULL,
                        workload TEXT NOT NULL, store TEXT NOT NULL, seed TEXT NOT NULL, path TEXT NOT NULL,
                        status TEXT NOT NULL, signature TEXT, operations INTEGER NOT NULL, convergence INTEGER,
                        p999 INTEGER, seconds REAL NOT NULL, reason TEXT, PRIMARY KEY (night, kind, number));
                    CREATE TABLE IF NOT EXISTS signatures (
                        night INTEGER NOT NULL REFERENCES nights(id), signature TEXT NOT NULL, first_run TEXT NOT NULL,
                        count INTEGER NOT NULL, known INTEGER NOT NULL, reproduced INTEGER NOT NULL,
                        attempts INTEGER NOT NULL, operations INTEGER NOT NULL, reduced_operations INTEGER,
                        reduced_run TEXT, needed_faults TEXT, studied INTEGER NOT NULL DEFAULT 0,
                        PRIMARY KEY (night, signature));
                    """)
            try Self.addColumns(to: db)
        }
    }

    /// What an index of an earlier version lacks.
    private static func addColumns(to db: Database) throws {
        let columns = try db.columns(in: "signatures").map(\.name)
        if !columns.contains("needed_faults") {
            try db.execute(sql: "ALTER TABLE signatures ADD COLUMN needed_faults TEXT")
        }
        if !columns.contains("studied") {
            try db.execute(sql: "ALTER TABLE signatures ADD COLUMN studied INTEGER NOT NULL DEFAULT 0")
        }
    }

    // MARK: - Nights

    /// The last night of that plan that did not come to its end; nil when there is none.
    public func unfinishedNight(of plan: String) throws -> NightRow? {
        try database.read { db in
            try Row.fetchOne(
                db, sql: "SELECT * FROM nights WHERE plan = ? AND ended IS NULL ORDER BY id DESC", arguments: [plan]
            ).map(Self.night)
        }
    }

    /// All nights, the oldest first.
    public func nights() throws -> [NightRow] {
        try database.read { db in try Row.fetchAll(db, sql: "SELECT * FROM nights ORDER BY id").map(Self.night) }
    }

    /// Begins a night and gives it its number.
    public func begin(
        plan: String, seed: UInt64, started: Int64, budget: Int64, build: String, directory: String
    ) throws -> NightRow {
        try database.write { db in
            try db.execute(
                sql: "INSERT INTO nights (plan, seed, started, budget, build, directory) VALUES (?, ?, ?, ?, ?, ?)",
                arguments: [plan, String(seed), started, budget, build, directory])
            return NightRow(
                id: db.lastInsertedRowID, plan: plan, seed: seed, started: started, budget: budget, build: build,
                directory: directory)
        }
    }

    public func end(_ night: Int64, at seconds: Int64, outcome: String) throws {
        try database.write { db in
            try db.execute(
                sql: "UPDATE nights SET ended = ?, outcome = ? WHERE id = ?", arguments: [seconds, outcome, night])
        }
    }

    // MARK: - Runs and signatures

    /// Writes a run, in the place of what the index had of it.
    public func put(_ run: RunRow) throws {
        try database.write { db in
            try db.execute(
                sql: "INSERT OR REPLACE INTO runs VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                arguments: [
                    run.night, run.kind.rawValue, run.number, run.workload, run.store, String(run.seed), run.path,
                    run.status, run.signature, run.operations, run.convergence, run.p999, run.seconds, run.reason,
                ])
        }
    }

    /// Forgets a run that did not come to its end.
    public func remove(_ run: RunRow) throws {
        try database.write { db in
            try db.execute(
                sql: "DELETE FROM runs WHERE night = ? AND kind = ? AND number = ?",
                arguments: [run.night, run.kind.rawValue, run.number])
        }
    }

    /// The runs of a night, by kind and number.
    public func runs(of night: Int64) throws -> [RunRow] {
        try database.read { db in
            try Row.fetchAll(db, sql: "SELECT * FROM runs WHERE night = ? ORDER BY kind, number", arguments: [night])
                .compactMap(Self.run)
        }
    }

    /// Writes a signature, in the place of what the index had of it.
    public func put(_ row: SignatureRow) throws {
        try database.write { db in
            try db.execute(
                sql: """
                    INSERT OR REPLACE INTO signatures (night, signature, first_run, count, known, reproduced, attempts,
                        operations, reduced_operations, reduced_run, needed_faults, studied)
                    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
                    """,
                arguments: [
                    row.night, row.signature, row.firstRun, row.count, row.isKnown, row.reproduced, row.attempts,
                    row.operations, row.reducedOperations, row.reducedRun,
                    row.neededFaults?.joined(separator: "+"), row.isStudied,
                ])
        }
    }

    /// The signatures of a night, the most frequent first.
    public func signatures(of night: Int64) throws -> [SignatureRow] {
        try database.read { db in
            try Row.fetchAll(
                db, sql: "SELECT * FROM signatures WHERE night = ? ORDER BY count DESC, signature", arguments: [night]
            ).map(Self.signature)
        }
    }

    /// Whether a night before this one had the signature.
    public func isKnown(_ signature: String, before night: Int64) throws -> Bool {
        try database.read { db in
            try Bool.fetchOne(
                db, sql: "SELECT EXISTS (SELECT 1 FROM signatures WHERE signature = ? AND night < ?)",
                arguments: [signature, night]) ?? false
        }
    }

    // MARK: - Rows

    private static func night(_ row: Row) -> NightRow {
        NightRow(
            id: row["id"], plan: row["plan"], seed: UInt64(row["seed"] as String) ?? 0, started: row["started"],
            ended: row["ended"], budget: row["budget"], build: row["build"], directory: row["directory"],
            outcome: row["outcome"])
    }

    private static func run(_ row: Row) -> RunRow? {
        guard let kind = Kind(rawValue: row["kind"]) else { return nil }
        return RunRow(
            night: row["night"], kind: kind, number: row["number"], workload: row["workload"], store: row["store"],
            seed: UInt64(row["seed"] as String) ?? 0, path: row["path"], status: row["status"],
            signature: row["signature"], operations: row["operations"], convergence: row["convergence"],
            p999: row["p999"], seconds: row["seconds"], reason: row["reason"])
    }

    private static func signature(_ row: Row) -> SignatureRow {
        let needed: String? = row["needed_faults"]
        return SignatureRow(
            night: row["night"], signature: row["signature"], firstRun: row["first_run"], count: row["count"],
            isKnown: row["known"], reproduced: row["reproduced"], attempts: row["attempts"],
            operations: row["operations"], reducedOperations: row["reduced_operations"],
            reducedRun: row["reduced_run"],
            neededFaults: needed.map { $0.split(separator: "+").map(String.init) }, isStudied: row["studied"])
    }
}
