import Foundation
import Testing

/// A report in a real browser. Skipped where there is no Chromium (`apt-get install chromium`).
@Suite(.enabled(if: Browser.executable != nil, "Chromium is not installed"), .serialized) struct BrowserTests {
    /// Collects whatever goes wrong in the page, from before its first script.
    private static let trap = """
        window.trouble = [];
        window.addEventListener("error", function (e) { trouble.push("error: " + e.message); });
        window.addEventListener("unhandledrejection", function (e) { trouble.push("rejection: " + e.reason); });
        document.addEventListener("securitypolicyviolation", function (e) { trouble.push("policy: " + e.violatedDirective + " " + e.blockedURI); });
        ["error", "warn"].forEach(function (level) {
          console[level] = function () { trouble.push(level + ": " + Array.from(arguments).join(" ")); };
        });
        """

    /// Zooms as a person does, by keys and by dragging, and writes down what came of it.
    private static let probe = """
        (function () {
          var result = {charts: document.documentElement.dataset.charts || "0"};
          var canvas = document.querySelector('[data-chart="latency"]');
          var reset = document.querySelector("#chart-latency .reset"), other = document.querySelector("#chart-throughput .reset");
          if (canvas && result.charts !== "0") {
            canvas.focus();
            result.focused = document.activeElement === canvas;
            canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "+", bubbles: true, cancelable: true}));
            result.keyZoomed = !reset.hidden; result.othersFollow = !other.hidden;
            canvas.dispatchEvent(new KeyboardEvent("keydown", {key: "0", bubbles: true, cancelable: true}));
            result.keyReset = reset.hidden && other.hidden;
            var surface = canvas.querySelectorAll("canvas")[1], box = surface.getBoundingClientRect();
            var mouse = function (type, share, target) {
              target.dispatchEvent(new MouseEvent(type, {bubbles: true, cancelable: true, view: window, button: 0,
                clientX: box.left + box.width * share, clientY: box.top + box.height / 2}));
            };
            mouse("mousedown", 0.4, surface); mouse("mousemove", 0.5, document); mouse("mousemove", 0.7, document); mouse("mouseup", 0.7, document);
            result.dragZoomed = !reset.hidden;
            reset.click(); result.buttonReset = reset.hidden;
          }
          result.overflows = document.documentElement.scrollWidth > document.documentElement.clientWidth;
          result.diagrams = document.querySelectorAll("svg.st").length;
          result.plots = document.querySelectorAll("svg.plot").length;
          result.trouble = trouble;
          document.documentElement.dataset.result = JSON.stringify(result);
        })();
        """

    private struct Outcome: Decodable {
        var charts: String
        var focused: Bool?
        var keyZoomed: Bool?
        var othersFollow: Bool?
        var keyReset: Bool?
        var dragZoomed: Bool?
        var buttonReset: Bool?
        var overflows: Bool
        var diagrams: Int
        var plots: Int
        var trouble: [String]
    }

    private func report(of name: String, in directory: TemporaryDirectory) throws -> String {
        let file = directory.path + "/report.html"
        let made = try Program.run(
            ["report", Program.root + "/Tests/CheckersTests/Conformance/\(name).jsonl", "-o", file])
        #expect(made.status == 0, "\(made.errors)")
        return file
    }

    /// The page with a trap at its begin and the probe at its end, both with the page's own nonce.
    private func outcome(of file: String, width: Int) throws -> Outcome {
        var text = try String(contentsOfFile: file, encoding: .utf8)
        let nonce = try #require(text.firstMatch(of: #/nonce="([0-9a-f]+)"/#)).1
        text = text.replacing(
            "<meta name=\"color-scheme\"",
            with: "<script nonce=\"\(nonce)\">\(Self.trap)</script><meta name=\"color-scheme\"", maxReplacements: 1)
        text = text.replacing("</body>", with: "<script nonce=\"\(nonce)\">\(Self.probe)</script></body>")
        let probed = file + ".probed.html"
        try text.write(toFile: probed, atomically: true, encoding: .utf8)
        let dom = try Browser.run(["--dump-dom", "--window-size=\(width),1200", "file://\(probed)"])
        let json = try #require(dom.firstMatch(of: #/data-result="([^"]*)"/#), "\(dom.prefix(2000))").1
            .replacing("&quot;", with: "\"").replacing("&amp;", with: "&")
        return try JSONDecoder().decode(Outcome.self, from: Data(json.utf8))
    }

    @Test(arguments: [1440, 500]) func aReportRendersZoomsAndRaisesNoError(_ width: Int) throws {
        let directory = try TemporaryDirectory()
        let outcome = try outcome(of: try report(of: "bug-lww", in: directory), width: width)
        #expect(outcome.trouble.isEmpty, "\(outcome.trouble)")
        #expect(!outcome.overflows, "nothing is wider than the page")
        #expect(outcome.diagrams > 0)
        if FileManager.default.fileExists(atPath: "/usr/share/javascript/dygraphs/dygraph.min.js") {
            #expect(outcome.charts != "0" && outcome.plots == 0)
            #expect(outcome.focused == true && outcome.keyZoomed == true && outcome.othersFollow == true)
            #expect(outcome.keyReset == true && outcome.dragZoomed == true && outcome.buttonReset == true)
        } else {
            #expect(outcome.plots > 0, "plain drawings instead")
        }
    }

    @Test func screenshotsCanBeTaken() throws {
        guard let folder = ProcessInfo.processInfo.environment["SCREENSHOTS"] else { return }
        let directory = try TemporaryDirectory()
        let file = try report(of: "bug-lww", in: directory)
        for width in [1440, 500] {
            let picture = "\(folder)/report-\(width).png"
            _ = try Browser.run(["--screenshot=\(picture)", "--window-size=\(width),3000", "file://\(file)"])
            #expect(FileManager.default.fileExists(atPath: picture))
        }
    }
}

private enum Browser {
    static let executable = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].first {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// What the browser prints.
    static func run(_ arguments: [String]) throws -> String {
        let profile = try TemporaryDirectory()
        let process = Process()
        let output = Pipe()
        process.executableURL = URL(fileURLWithPath: try #require(executable))
        process.arguments =
            [
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
                "--hide-scrollbars",
                "--virtual-time-budget=4000", "--user-data-dir=\(profile.path)",
            ] + arguments
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
        let text = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        return String(decoding: text, as: UTF8.self)
    }
}
