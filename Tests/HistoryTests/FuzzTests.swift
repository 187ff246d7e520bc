import History
import Testing

/// Readers survive whatever they are given: an error or a history, never a trap.
@Suite struct FuzzTests {
    @Test(arguments: 0..<8) func textThatWasTamperedWith(seed: UInt64) {
        var random = SeededGenerator(seed: seed)
        let whole = JSONLines.text(of: RandomHistory.make(seed: seed, events: 12))
        var survived = 0
        for _ in 0..<3000 {
            let changed = tamper(whole, &random, Array("{}[],:\"\\0159-.eEunltf \n\r\u{1}".utf8) + [0xC3, 0xFF])
            guard let history = try? JSONLines.parse(changed, file: "h") else { continue }
            survived += 1
            _ = try? history.validate(file: "h")
            _ = history.pairing()
            let text = JSONLines.text(of: history)
            #expect((try? JSONLines.parse(text, file: "h")).map { JSONLines.text(of: $0) } == text)
        }
        #expect(survived > 0)
    }

    /// The checksums are made right again, so that the decoder behind them is what is tried.
    @Test(arguments: 0..<8) func nativeThatWasTamperedWith(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let whole = try native(RandomHistory.make(seed: seed, events: 12))
        for _ in 0..<2000 {
            let changed = tamper(whole, &random, [0, 1, 0x7F, 0x80, 0xFF])
            guard let history = try? NativeReader.read(changed, file: "h") else { continue }
            _ = JSONLines.text(of: history)
        }
    }

    @Test(arguments: 0..<8) func payloadsThatWereTamperedWith(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let block = try StoredBlock(try native(RandomHistory.make(seed: seed, events: 12)))
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            let file = block.file(payload: tamper(block.payload, &random, [0, 1, 2, 9, 0x7F, 0x80, 0xFF]))
            do throws(HistoryError) {
                let history = try NativeReader.read(file, file: "h")
                _ = JSONLines.text(of: history)
                _ = try? history.validate(file: "h")
                read += 1
            } catch { refused += 1 }
        }
        #expect(refused > 0)
        #expect(try NativeReader.read(block.file(payload: block.payload), file: "h").events.count == 12)
    }

    private func tamper(_ bytes: [UInt8], _ random: inout SeededGenerator, _ favourites: [UInt8]) -> [UInt8] {
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
                result.insert(contentsOf: result[from..<min(result.count, from + 1 + random.below(20))], at: place)
            }
            if result.isEmpty { return bytes }
        }
        return result
    }
}
