import History
import Linearizability
import Notation

/// Numbers values: those that are the same as JSON have the same code, whatever their spelling.
struct ValueCodes {
    /// By the one spelling that each value has, and by others that were met.
    private var codes: [String: Int64]
    private var ofString: [UInt32: Int64] = [:]
    private var ofPair: [String: (Int64, Int64)] = [:]
    private var next = Operations.initialValue + 1

    /// - Parameter initial: the value with the code ``Operations/initialValue``.
    init(initial: Datum) { codes = [initial.json: Operations.initialValue] }

    mutating func code(of datum: Datum) -> Int64 {
        let spelling = datum.json
        if let known = codes[spelling] { return known }
        defer { next += 1 }
        codes[spelling] = next
        return next
    }

    /// The code of a value that is written so; nil when the text is no JSON.
    mutating func code(ofText text: String) -> Int64? {
        // Only a spelling that was met is there, so that a value is parsed when it is met first.
        if let known = codes[text] { return known }
        guard let datum = JSONReader.value(of: text) else { return nil }
        let code = code(of: datum)
        codes[text] = code
        return code
    }

    /// The code of an interned string.
    mutating func code(ofString identifier: UInt32, _ history: History) -> Int64 {
        if let known = ofString[identifier] { return known }
        let code = code(of: .string(history.string(identifier)))
        ofString[identifier] = code
        return code
    }

    /// The codes of an array of two values that is written so; nil when the text is none.
    mutating func codes(ofPair text: String) -> (Int64, Int64)? {
        if let known = ofPair[text] { return known }
        guard let elements = JSONReader.value(of: text)?.elements, elements.count == 2 else { return nil }
        let pair = (code(of: elements[0]), code(of: elements[1]))
        ofPair[text] = pair
        return pair
    }
}
