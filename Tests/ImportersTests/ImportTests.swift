import Checkers
import Foundation
import History
import Importers
import Testing

@Suite struct ImportTests {
    /// Reads a text through a file, as the commands do.
    static func read(_ text: String, _ name: String = "h") throws -> History {
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("\(UUID().uuidString)-\(name)").path
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        defer { try? FileManager.default.removeItem(atPath: path) }
        let history = try HistorySource.read(path: path)
        try history.validate(file: path)
        return history
    }

    static func lines(_ history: History) -> [String] {
        history.events.indices.map { JSONLines.line(of: $0, in: history) }
    }

    static func validity(_ history: History, _ model: LinearizableModel) -> Validity? {
        var options = CheckOptions()
        options.model = model
        return check(history, checkers: [.linearizable], options: options)[.linearizable]?.validity
    }

    static let edn = """
        ; a history
        [{:process 0, :type :invoke, :f :write, :value 3, :time 5, :index 0}
         {:process :nemesis, :type :info, :f :kill, :value nil}
         {:process 0, :type :info, :f :write, :value 3, :time 9, :error :timeout}
         {:process 0, :type :invoke, :f :read, :value nil, :time 8}
         {:process 0, :type :ok, :f :read, :value 3, :time 12}]
        """

    @Test func jepsenEDN() throws {
        let history = try Self.read(Self.edn)
        let expected = [
            #"{"time":5,"process":0,"type":"invoke","f":"write","value":3}"#,
            #"{"time":5,"process":"nemesis","type":"info","f":"imported-kill"}"#,
            #"{"time":9,"process":0,"type":"info","f":"write","error":"timeout","value":3}"#,
            // The process goes on under another number, as it must after an unknown outcome.
            #"{"time":9,"process":4294967296,"type":"invoke","f":"read"}"#,
            #"{"time":12,"process":4294967296,"type":"ok","f":"read","value":3}"#,
        ]
        #expect(Self.lines(history) == expected)
        #expect(Self.validity(history, .register) == .valid)
    }

    @Test func jepsenKeys() throws {
        let text = """
            {:process 0, :type :invoke, :f :write, :value [7 1]}
            {:process 1, :type :invoke, :f :read, :value [8 nil]}
            {:process 0, :type :ok, :f :write, :value [7 1]}
            {:process 1, :type :ok, :f :read, :value [8 1]}
            """
        let history = try Self.read(text)
        #expect(history.events.map { history.string($0.key) } == ["7", "8", "7", "8"])
        // The value 1 was written to the other key.
        #expect(Self.validity(history, .register) == .invalid)
        let exported = Self.export(history)
        #expect(exported.contains(":f :write, :value [7 1]") && exported.contains(":f :read, :value [8 nil]"))
        #expect(Self.lines(try Self.read(exported)) == Self.lines(history))
    }

    static func export(_ history: History) -> String {
        var text = ""
        EDNExport.write(history) { text += $0 }
        return text
    }

    @Test(arguments: [
        "[{\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[1,2]},\n {\"process\":0,\"type\":\"fail\",\"f\":\"cas\",\"value\":[1,2]}]",
        "{\"process\":0,\"type\":\"invoke\",\"f\":\"cas\",\"value\":[1,2],\"index\":0}\n{\"process\":0,\"type\":\"fail\",\"f\":\"cas\",\"value\":[1,2]}\n",
    ]) func jepsenJSON(text: String) throws {
        let history = try Self.read(text)
        #expect(history.events.map(\.type) == [.invoke, .fail])
        #expect(Self.lines(history)[0] == #"{"time":0,"process":0,"type":"invoke","f":"cas","value":[1,2]}"#)
    }

    @Test func porcupineLog() throws {
        let text =
            "INFO  jepsen.core - something else\n"
            + "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n"
            + "INFO  jepsen.util - 1\t:invoke\t:cas\t[1 2]\nINFO  jepsen.util - 1\t:fail\t:cas\t[1 2]\n"
            + "INFO  jepsen.util - 2\t:invoke\t:write\t4\nINFO  jepsen.util - 2\t:info\t:write\t:timed-out\n"
        let history = try Self.read(text)
        let lines = Self.lines(history)
        #expect(lines.count == 6)
        #expect(lines[1].contains("\"value\":null") && lines[3].contains("\"type\":\"ok\""))
        #expect(lines[3].contains("\"applied\":false") && lines[5].contains("\"error\":\"timed-out\""))
        #expect(Self.validity(history, .casRegister) == .valid)
    }

    /// A compare-and-set that found another value was answered, and did not happen: `:ok` would say to Knossos that it did.
    @Test func refusedCompareAndSetIsExportedAsFailed() throws {
        let history = try Self.read(
            "INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\n"
                + "INFO  jepsen.util - 0\t:invoke\t:cas\t[2 3]\nINFO  jepsen.util - 0\t:fail\t:cas\t[2 3]\n"
                + "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\t1\n")
        var text = ""
        EDNExport.write(history) { text += $0 }
        let types = try Self.read(text).events.map(\.type)
        #expect(types == [.invoke, .ok, .invoke, .fail, .invoke, .ok])
        #expect(Self.validity(history, .casRegister) == .valid)
        #expect(Self.validity(try Self.read(text), .casRegister) == .valid)
    }

    /// Some of Porcupine's logs have spaces where the others have tabs, and are no emptier for it.
    @Test func porcupineLogWithSpaces() throws {
        let text =
            "INFO  jepsen.util - 0   :invoke :write  3\r\nINFO  jepsen.util - 0   :ok     :write  3\n"
            + "INFO  jepsen.util - 1   :invoke :cas    [3 2]\nINFO  jepsen.util - 1   :ok     :cas    [3 2]\n"
            + "INFO  jepsen.util - Everything :fine here\n"
            + "INFO  jepsen.util - 0   :invoke :read   nil\nINFO  jepsen.util - 0   :ok     :read   3\n"
        let history = try Self.read(text)
        #expect(history.events.count == 6)
        #expect(Self.validity(history, .casRegister) == .invalid)
    }

    /// A read of nil says something in a log, and nothing in Jepsen's own form.
    @Test func readsOfNil() throws {
        let log =
            "INFO  jepsen.util - 0\t:invoke\t:write\t1\nINFO  jepsen.util - 0\t:ok\t:write\t1\n"
            + "INFO  jepsen.util - 0\t:invoke\t:read\tnil\nINFO  jepsen.util - 0\t:ok\t:read\tnil\n"
        #expect(Self.validity(try Self.read(log), .register) == .invalid)
        let edn = """
            {:process 0 :type :invoke :f :write :value 1} {:process 0 :type :ok :f :write :value 1}
            {:process 0 :type :invoke :f :read :value nil} {:process 0 :type :ok :f :read :value nil}
            """
        #expect(Self.validity(try Self.read(edn), .register) == .unknown)
    }

    @Test(
        arguments: [
            ("[{:process 0 :type :ok :f :read}]", 1, "did not begin"),
            ("[{:process 0 :type :invoke :f :read}\n{:process 0 :type :invoke :f :read}]", 2, "in flight"),
            ("[{:process 0 :type :invoke :f :read}\n{:process 0 :type :ok :f :write}]", 2, "began read"),
            ("[{:process 0 :type :maybe :f :read}]", 1, ":type"), ("[1]", 1, "must be a map"),
            ("[{:process -1 :type :invoke :f :read}]", 1, "process"), ("[{:type :invoke :f :read}]", 1, ":process"),
            ("[{:process 0 :type :invoke}]", 1, ":f"), ("[\n{:process 0", 2, "without an end"),
            ("[{:process 0 :type :invoke :f :r}]\nx", 2, "end of the text"),
            ("{\"type\":\"invoke\"\n,}", 2, "name of a member"),
            ("INFO  jepsen.util - x\t:invoke\t:read\tnil", 1, "PROCESS"),
            ("INFO  jepsen.util - 0\t:invoke\t:read\t", 1, "VALUE"),
            ("INFO  jepsen.util - 0 :maybe :read 1", 1, ":TYPE"), ("JEPSEN\u{0}", nil, "begins with JEPSEN"),
        ] as [(String, Int?, String)]) func faultsNameTheLine(text: String, line: Int?, reason: String) throws
    {
        do {
            _ = try Self.read(text)
            Issue.record("\(text) was read")
        } catch let error as HistoryError {
            #expect(error.line == line && error.reason.contains(reason), "\(error)")
        }
    }

    /// Our own operations as Knossos sees them: a register of version ids.
    @Test func exportOfOurOwn() throws {
        let text = """
            {"dyno":1}
            {"time":1,"process":0,"type":"invoke","f":"put","key":"k","value":"0-1"}
            {"time":2,"process":0,"type":"ok","f":"put","key":"k","value":"0-1"}
            {"time":3,"process":"nemesis","type":"info","f":"kill","value":["n1"]}
            {"time":4,"process":1,"type":"invoke","f":"get","key":"k"}
            {"time":5,"process":1,"type":"ok","f":"get","key":"k","value":["0-1"]}
            """
        let history = try Self.read(text)
        let exported = Self.export(history).split(separator: "\n")
        #expect(exported[0].contains(#":f :write, :value ["k" "0-1"]"#))
        #expect(exported[2].contains(#":f :kill, :value ["n1"]"#))
        #expect(exported[3].contains(#":f :read, :value ["k" nil]"#))
        #expect(exported[4].contains(#":f :read, :value ["k" "0-1"]"#))
        #expect(Self.validity(history, .kv) == .valid)
        #expect(Self.validity(try Self.read(exported.joined(separator: "\n")), .register) == .valid)
    }
}
