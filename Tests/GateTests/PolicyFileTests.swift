import Checkers
import Gate
import Testing
import Workload

@Suite struct PolicyFileTests {
    private func parse(_ text: String) throws -> Policy { try PolicyFile.parse(text: text, file: "p.yml") }

    private func failure(_ text: String) -> String {
        do {
            _ = try parse(text)
            return "no error"
        } catch { return "\(error)" }
    }

    @Test func everyKeyIsRead() throws {
        let policy = try parse(
            """
            name: nightly
            build: any
            witnesses: optional
            checkers: [siblings]
            require: { operations: 5 }
            limits: { p99.9: 2s }
            runs:
              - workload: everything
                seeds: 3
                checkers: [session]
                require: { kills: 2, seconds-cut: 7 }
                limits: { convergence: 5s, p99.9: 500ms, unavailable: 1s }
                baseline: { run: base, convergence: 150%, p99.9: 120%, throughput: 70% }
            waivers:
              - { anomaly: lost-write, workload: w, key: "k*", node: n1, owner: ann, reason: known, expires: 2027-01-31 }
            calibration: { file: c.json, within-days: 14, flaws: 30, sound-runs: 200 }
            """)
        #expect(policy.name == "nightly")
        #expect(!policy.demandsSameBuild && !policy.demandsWitnesses)
        #expect(policy.everywhere.checkers == [.siblings])
        #expect(policy.everywhere.ceilings.p999 == 2_000_000_000)
        let rule = try #require(policy.workloads.first)
        #expect(rule.workload == "everything" && rule.seeds == 3)
        #expect(rule.demands.floors == ["kills": 2, "seconds-cut": 7])
        #expect(rule.demands.ceilings.convergence == 5_000_000_000)
        #expect(rule.baseline?.throughput == 70 && rule.baseline?.p999 == 120)
        #expect(policy.waivers.first?.expires.description == "2027-01-31")
        #expect(policy.waivers.first?.line == 15)
        #expect(policy.calibration?.soundRuns == 200)
    }

    @Test(arguments: [
        ("runs: [{ workload: a }]\nlimit: {}", "p.yml:2: unknown key \"limit\"; did you mean \"limits\"?"),
        ("name: x", "p.yml:1: runs must name at least one workload"),
        ("", "p.yml: is empty; a policy begins like"),
        ("- a", "p.yml:1: a policy must be a mapping"),
        ("runs: [{ seeds: 1 }]", "runs[0].workload is missing"),
        ("runs: [{ workload: a, baseline: { run: b } }]", "is compared with nothing"),
        ("runs: [{ workload: a, limits: { p99.9: fast } }]", "runs[0].limits.p99.9 must be a duration"),
        ("runs: [{ workload: a }]\nwaivers: [{ anomaly: lost-rite }]", "waivers[0].anomaly must be one of"),
        (
            "runs: [{ workload: a }]\nwaivers: [{ anomaly: lost-write, owner: a, reason: b, expires: 2027-02-29 }]",
            "must be a day such as 2027-01-31"
        ),
        ("runs: [{ workload: a }]\nwaivers: [{ anomaly: lost-write, expires: 2027-02-28 }]", "owner is missing"),
        ("runs: [{ workload: a }]\ncalibration: { file: c }", "calibration.within-days is missing"),
    ])
    func errorsNameThePlaceAndTheWayOut(_ text: String, _ message: String) {
        #expect(failure(text).contains(message))
    }

    @Test func datesCountDays() throws {
        #expect(CivilDate("1970-01-01")?.day == 0)
        #expect(CivilDate("2000-02-29")?.day == 11_016)
        #expect(CivilDate("2026-11-28T05:11:04Z")?.day == 20_785)
        for text in ["1900-02-29", "2027-13-01", "2027-00-01", "2027-1-1", "2027-01-01 ", "20270101"] {
            #expect(CivilDate(text) == nil)
        }
        for day in stride(from: -200_000, through: 200_000, by: 61) {
            #expect(CivilDate(CivilDate(day: day).description)?.day == day)
        }
        #expect(CivilDate(secondsSince1970: -1).day == -1)
    }
}
