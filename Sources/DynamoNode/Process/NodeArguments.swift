import ArgumentParser
import Dynamo
import Logging

/// A switch with two words for its two states.
enum OnOff: String, ExpressibleByArgument, CaseIterable {
    case on, off
    var isOn: Bool { self == .on }
}

/// A time span that may be unlimited.
struct DurationOrNever: Hashable {
    /// Nil: never.
    var nanoseconds: Int64?
}

extension Flaw: ExpressibleByArgument {}

/// Readers of option values whose errors say what is allowed.
enum NodeArguments {
    static func endpoint(_ text: String) throws -> Endpoint {
        guard let endpoint = Endpoint(text) else {
            throw ValidationError("expected HOST:PORT with a port from 0 to 65535, such as 127.0.0.1:8087")
        }
        return endpoint
    }

    /// A node's name: it becomes part of actors, metrics and log lines.
    static func name(_ text: String) throws -> String {
        let allowed = text.utf8.allSatisfy { byte in
            (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                || byte == 0x2D || byte == 0x5F || byte == 0x2E || byte == 0x40
        }
        guard allowed, (1...64).contains(text.utf8.count) else {
            throw ValidationError("expected 1 to 64 letters, digits, '-', '_', '.' or '@'")
        }
        return text
    }

    static func member(_ text: String) throws -> (name: String, endpoint: Endpoint) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw ValidationError("expected NAME=HOST:PORT, such as n1=127.0.0.1:8099") }
        return (try name(String(parts[0])), try endpoint(String(parts[1])))
    }

    static func weight(_ text: String) throws -> (name: String, weight: Int) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2, let weight = Int(parts[1]), (1...1_000).contains(weight) else {
            throw ValidationError("expected NAME=WEIGHT with a weight from 1 to 1000, such as n1=2")
        }
        return (try name(String(parts[0])), weight)
    }

    static func zone(_ text: String) throws -> (name: String, zone: String) {
        let parts = text.split(separator: "=", maxSplits: 1)
        guard parts.count == 2 else { throw ValidationError("expected NAME=ZONE, such as n1=east") }
        return (try name(String(parts[0])), String(parts[1]))
    }

    static func count(_ allowed: ClosedRange<Int>) -> @Sendable (String) throws -> Int {
        { text in
            guard let count = Int(text), allowed.contains(count) else {
                throw ValidationError("expected a number from \(allowed.lowerBound) to \(allowed.upperBound)")
            }
            return count
        }
    }

    static func quorum(_ text: String) throws -> Quorum {
        switch text {
        case "one": return .one
        case "quorum": return .quorum
        case "all": return .all
        default:
            guard let count = Int(text), (1...128).contains(count) else {
                throw ValidationError("expected a number from 1 to 128, or one of: one, quorum, all")
            }
            return .count(count)
        }
    }

    static let logLevels = Logger.Level.allCases.map(\.rawValue).joined(separator: ", ")

    static func logLevel(_ text: String) throws -> Logger.Level {
        guard let level = Logger.Level(rawValue: text) else { throw ValidationError("expected one of: \(logLevels)") }
        return level
    }

    static func byteCount(_ text: String) throws -> Int64 {
        let factors: [(suffix: String, factor: Int64)] = [("k", 1 << 10), ("M", 1 << 20), ("", 1)]
        for (suffix, factor) in factors where text.hasSuffix(suffix) {
            guard let number = Int64(text.dropLast(suffix.count)), (0...1 << 32).contains(number) else { break }
            return number * factor
        }
        throw ValidationError("expected a number of bytes, such as 400k or 16M")
    }

    /// Nanoseconds.
    static func duration(_ text: String) throws -> Int64 {
        let units: [(suffix: String, nanoseconds: Double)] = [("ms", 1e6), ("us", 1e3), ("m", 60e9), ("s", 1e9)]
        for unit in units where text.hasSuffix(unit.suffix) {
            guard let number = Double(text.dropLast(unit.suffix.count)), number > 0,
                number * unit.nanoseconds <= 3_600e9
            else { break }
            return Int64(number * unit.nanoseconds)
        }
        throw ValidationError("expected a time above 0 and up to an hour with its unit, such as 250ms, 2s or 1m")
    }

    /// `never`, a number of hours up to a year, or a shorter time as elsewhere.
    static func durationOrNever(_ text: String) throws -> DurationOrNever {
        if text == "never" { return DurationOrNever(nanoseconds: nil) }
        if text.hasSuffix("h") {
            guard let hours = Double(text.dropLast()), hours > 0, hours <= 8_784 else {
                throw ValidationError("expected up to 8784h, a shorter time such as 90s, or never")
            }
            return DurationOrNever(nanoseconds: Int64(hours * 3_600e9))
        }
        return DurationOrNever(nanoseconds: try duration(text))
    }
}
