import Stress
import Testing

@Suite("What a tortured store owes")
struct LedgerTests {
    @Test func elementsAreHandedOutOnceAndKeysMakePlaceWhenFull() {
        let ledger = Ledger(width: 2)
        var seen: Set<Ledger.Ticket> = []
        for round in 0..<300 { #expect(seen.insert(ledger.take(place: round)).inserted) }
        #expect(Set(seen.map(\.key)).count == 6)
        #expect(seen.allSatisfy { $0.element < Ledger.elements })
    }

    @Test func whatWasAcknowledgedIsOwedAndWhatWasOnlyTriedIsNot() throws {
        let ledger = Ledger(width: 1)
        let (first, second, third) = (ledger.take(place: 0), ledger.take(place: 0), ledger.take(place: 0))
        for ticket in [first, second] { ledger.attempted(ticket) }
        ledger.acknowledged(first)
        let account = try #require(ledger.accounts.first)
        #expect(account.complaint(about: 0b01) == nil)
        #expect(account.complaint(about: 0b11) == nil)
        #expect(try #require(account.complaint(about: 0b10)).contains("lost the acknowledged elements 0"))
        #expect(try #require(account.complaint(about: 0b101)).contains("nobody wrote"))
        #expect(third.element == 2)
        #expect(ledger.counts == (2, 1))
    }

    @Test func aValueIsReadBackOnlyUnderItsOwnKey() {
        for elements in [0, 1, 0xFFFF_FFFF_FFFF_FFFF, 1 << 63] as [UInt64] {
            let value = Ledger.value(of: 12, elements)
            #expect(Ledger.elements(in: value, of: 12) == elements)
            #expect(Ledger.elements(in: value, of: 1) == nil)
            #expect(Ledger.elements(in: value.dropLast() + [0x20], of: 12) == nil)
        }
        #expect(Ledger.elements(in: [], of: 12) == nil)
        #expect(Ledger.elements(in: [0xFF, 0x20, 0x31], of: 12) == nil)
    }
}
