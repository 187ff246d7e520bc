import Checkers
import History
import Importers
import Testing

/// Importers survive whatever they are given: an error or a history that is sound, never a trap.
@Suite struct ImportFuzzTests {
    private static let texts = [
        ImportTests.edn,
        "({:process 0, :type :invoke, :f :cas, :value [1 2]} #x{:process 0, :type :ok, :f :cas, :value [1 2], :k #{1 \"s\"}})",
        "[{\"process\":0,\"type\":\"invoke\",\"f\":\"txn\",\"value\":[[\"r\",\"x\",null]]},{\"process\":0,\"type\":\"ok\",\"f\":\"txn\",\"value\":[[\"r\",\"x\",1]]}]",
        "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\nINFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]\nINFO  jepsen.util - 1\t:fail\t:cas\t[1 2]\n",
    ].map { Array($0.utf8) }

    @Test(arguments: 0..<4) func textThatWasTamperedWith(number: Int) throws {
        var random = SeededGenerator(seed: UInt64(number))
        var (read, refused) = (0, 0)
        for _ in 0..<6000 {
            let changed = Self.tamper(Self.texts[number], &random)
            let history: History
            do { history = try ImportedBytes.parse(changed, file: "h") } catch {
                refused += 1
                continue
            }
            read += 1
            // What an importer lets through needs no further look.
            #expect(throws: Never.self) { try history.validate(file: "h") }
            let text = JSONLines.text(of: history)
            #expect((try? JSONLines.parse(text, file: "h")).map { JSONLines.text(of: $0) } == text)
            EDNExport.write(history) { _ in }
            _ = check(history, checkers: CheckerName.allCases)
        }
        #expect(read > 0 && refused > 0)
    }

    private static func tamper(_ bytes: [UInt8], _ random: inout SeededGenerator) -> [UInt8] {
        let favourites = Array("{}[]()#:\"\\;^,0159-.nilN\t \n".utf8) + [0xC3, 0xFF, 0]
        var result = bytes
        for _ in 0...random.below(4) {
            let place = random.below(result.count)
            switch random.below(5) {
            case 0: result[place] = favourites[random.below(favourites.count)]
            case 1: result[place] ^= 1 << UInt8(random.below(8))
            case 2: result.insert(favourites[random.below(favourites.count)], at: place)
            case 3: result.removeSubrange(place..<min(result.count, place + 1 + random.below(9)))
            default:
                let from = random.below(result.count)
                result.insert(contentsOf: result[from..<min(result.count, from + 1 + random.below(40))], at: place)
            }
            if result.isEmpty { return bytes }
        }
        return result
    }
}
