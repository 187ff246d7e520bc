import Controller
import Testing

/// The display of a run: what it says, how wide it gets, and when it is coloured.
@Suite struct RunDisplayTests {
    private var status: RunStatus {
        var status = RunStatus(phase: "load")
        status.seconds = 12.4
        (status.operations, status.ok) = (7310, 7301)
        status.rates = [0, 330, 660]
        (status.p50, status.p99) = (1200, 14_000)
        status.nodes = [
            .init(name: "n1", state: .up), .init(name: "n2", state: .down), .init(name: "n3", state: .paused),
            .init(name: "n4", state: .cut),
        ]
        status.faults = ["kill n2", "n4 | n1,n3"]
        status.hintsWaiting = 41
        status.anomalies = 2
        return status
    }

    @Test func everythingOfTheStatusIsShown() {
        let text = RunDisplay.lines(status, width: 120, colour: false)
        #expect(
            text == [
                "load  12 s  ▁▅█  660/s  7310 operations (9 not ok)  p50 1.2 ms  p99 14.0 ms",
                "nodes  n1 up  n2 down  n3 paused  n4 cut",
                "anomalies 2  hints waiting 41  faults kill n2, n4 | n1,n3",
            ])
    }

    @Test func whatPassesTheNetworkHasALineOfItsOwn() {
        var status = status
        status.wire = "1.25 MB/s  replicate 812/s"
        #expect(RunDisplay.lines(status, width: 120, colour: false).last == "wire  1.25 MB/s  replicate 812/s")
    }

    @Test(arguments: [10, 20, 40, 60, 79, 200]) func noLineIsWiderThanTheTerminal(_ width: Int) {
        for colour in [false, true] {
            for line in RunDisplay.lines(status, width: width, colour: colour) {
                let visible = line.replacing(#/\u{1B}\[[0-9;]*m/#, with: "")
                #expect(visible.count <= width, "\(visible)")
            }
        }
        #expect(RunDisplay.lines(status, width: 10, colour: false)[0].hasSuffix("…"))
    }

    @Test func aNarrowTerminalStillNamesTheNodesThatAreAway() {
        var status = status
        status.nodes = (1...9).map { .init(name: "n\($0)", state: $0 == 9 ? .down : .up) }
        #expect(RunDisplay.lines(status, width: 30, colour: false)[1] == "nodes  n9 down  8 up")
        #expect(RunDisplay.lines(status, width: 120, colour: false)[1].contains("n1 up"))
    }

    @Test func colourIsOnlyThereWhenItIsAskedFor() {
        #expect(RunDisplay.lines(status, width: 100, colour: true).joined().contains("\u{1B}[1;31mdown\u{1B}[0m"))
        #expect(!RunDisplay.lines(status, width: 100, colour: false).joined().contains("\u{1B}"))
        #expect(!RunDisplay.plain(status).contains("\u{1B}"))
    }

    @Test func aPlainLineNamesTheNodesThatAreAway() {
        #expect(
            RunDisplay.plain(status)
                == "load  12 s  7310 operations, 660/s  nodes n2 down, n3 paused, n4 cut  faults kill n2, n4 | n1,n3  "
                + "hints waiting 41  anomalies 2")
    }

    @Test func noColorAndDumbTerminalsAreHonoured() {
        // Standard input of a test is no terminal: nothing of it is steered or coloured, whatever the environment says.
        let terminal = Terminal(descriptor: 0, environment: ["TERM": "xterm"])
        #expect(!terminal.hasColour || terminal.isSteerable)
        #expect(!Terminal(descriptor: 0, environment: ["TERM": "dumb"]).isSteerable)
        #expect(!Terminal(descriptor: 0, environment: ["TERM": "xterm", "NO_COLOR": "1"]).hasColour)
    }
}
