import Checkers
import Foundation
import History

/// The charts of a page: their data, and the elements that hold them.
extension ReportPage {
    private static let maximumPoints = 1200
    private static let maximumBands = 300

    func charts() -> [Chart] {
        let series = RunSeries(history, partner: partner)
        guard exercise.operations > 0 else { return sampleCharts() }
        let starts = series.slices.indices.map { (Double($0) * series.seconds * 1e9).rounded() / 1e9 }
        let each = series.seconds == 1 ? "each second" : "slices of \(ChartSVG.number(series.seconds)) s"
        func rate(_ count: Int) -> Double { (Double(count) / series.seconds).rounded() }
        var throughput = Chart(id: "throughput", title: "Throughput", yLabel: "operations/s", x: starts, lines: [])
        throughput.lines = [
            .init(name: "ok", values: series.slices.map { rate($0.ok) }),
            .init(name: "failed", values: series.slices.map { rate($0.fail) }),
            .init(name: "unknown", values: series.slices.map { rate($0.info) }),
        ]
        throughput.note = "Operations that completed in \(each), by how they ended."
        var latency = Chart(id: "latency", title: "Latency", yLabel: "milliseconds", x: starts, lines: [])
        latency.isLogarithmic = true
        latency.lines = [
            .init(name: "p50", values: series.slices.map { Self.round($0.p50) }),
            .init(name: "p99", values: series.slices.map { Self.round($0.p99) }),
            .init(name: "p99.9", values: series.slices.map { Self.round($0.p999) }),
        ]
        latency.note =
            "Percentiles of the operations that ended ok in \(each); with fewer than 1000 of them p99.9 is the slowest."
        return (([throughput, latency].map(withFaults)) + sampleCharts() + wireCharts() + staleness())
    }

    /// Hints, disagreement and repair, from the run's own samples.
    private func sampleCharts() -> [Chart] {
        guard !samples.samples.isEmpty else { return [] }
        let times = samples.samples.map { Self.seconds($0.time) }
        func line(_ name: String, _ value: (RunSamples.Sample) -> Int?) -> Chart.Line {
            .init(name: name, values: samples.samples.map { value($0).map(Double.init) })
        }
        var waiting = Chart(
            id: "disagreement", title: "Hints waiting, keys and Merkle roots that differ", yLabel: "count", x: times,
            lines: [])
        waiting.lines = [
            line("hints waiting", \.hintsWaiting), line("ring partitions whose roots differ", \.rootsDiffering),
            line("keys that differ", \.keysDiffering),
        ]
        waiting.bridgesGaps = true
        waiting.note =
            "Sampled twice a second; roots of the nodes that answered, once a second; keys are compared only from the heal on. "
            + "Under load roots also differ by writes that are still on their way."
        var exchange = Chart(id: "exchange", title: "Repairs", yLabel: "running total", x: times, lines: [])
        exchange.lines = [
            line("hints stored", \.hintsStored), line("hints delivered", \.hintsDelivered),
            line("keys repaired by Merkle exchange", \.keysRepaired), line("read repairs", \.readRepairs),
        ]
        exchange.note = "What the nodes counted, over all nodes and all their starts."
        return [waiting, exchange].map(withFaults).filter { chart in
            chart.lines.contains { $0.values.contains { ($0 ?? 0) > 0 } }
        }
    }

    private func staleness() -> [Chart] {
        let curve = Staleness(history)
        guard curve.reads > 0 else { return [] }
        // From a tenth of a millisecond to a hundred seconds, ten steps a decade.
        let milliseconds = (0...60).map { pow(10, Double($0) / 10 - 1) }
        var chart = Chart(
            id: "staleness", title: "Staleness of reads", xLabel: "milliseconds since the acknowledgement",
            yLabel: "% of reads", x: milliseconds.map { Self.round($0) ?? $0 }, lines: [])
        chart.isLogarithmicX = true
        chart.isOverTime = false
        chart.lines = [
            .init(
                name: "reads that returned everything acknowledged so long before",
                values: milliseconds.map { Self.round(100 * curve.share(after: Int64($0 * 1e6))) })
        ]
        // Where few reads are stale, a scale from 0 would show a straight line.
        chart.yFrom = min(99, (100 * curve.share(after: 0)).rounded(.down) - 1)
        let stale = curve.ages.count
        chart.note =
            "t-visibility as in Probabilistically Bounded Staleness. \(stale) of \(curve.reads) reads missed one of the last "
            + "writes that were acknowledged before they began" + Self.missedWords(curve) + "."
        return [chart]
    }

    private static func missedWords(_ curve: Staleness) -> String {
        guard !curve.missed.isEmpty else { return "" }
        let one = curve.missed[1] ?? 0
        let most = curve.missed.keys.max() ?? 1
        return " (\(one) of them just one, the worst \(most); the oldest was \(Seconds.text(curve.ages.last ?? 0)) old)"
    }

    /// The chart, thinned, with the run's faults and phases.
    func withFaults(_ chart: Chart) -> Chart {
        var chart = chart
        chart.thin(to: Self.maximumPoints)
        let last = Self.seconds(history.events.last?.time ?? 0)
        let all = FaultTimeline(history).intervals
        chart.bands = all.prefix(Self.maximumBands).map { fault in
            Chart.Band(
                name: Visible.short("\(fault.nodes.joined(separator: ",")) \(fault.word)", 60),
                from: Self.seconds(history.events[fault.begin].time),
                to: fault.end.map { Self.seconds(history.events[$0].time) } ?? last)
        }
        if all.count > chart.bands.count {
            chart.note += " Only the first \(chart.bands.count) of \(all.count) faults are shaded."
        }
        chart.marks = samples.milestones.prefix(12).map { .init(name: $0.name, at: Self.seconds($0.time)) }
        return chart
    }

    /// To the microsecond.
    private static func seconds(_ nanoseconds: Int64) -> Double { (Double(nanoseconds) / 1e3).rounded() / 1e6 }

    /// Three decimals: more than a chart shows, and short in the page.
    private static func round(_ value: Double?) -> Double? { value.map { ($0 * 1000).rounded() / 1000 } }

    // MARK: - Elements

    func overTime(_ charts: [Chart]) -> HTML {
        guard !charts.isEmpty else { return "" }
        let help: HTML =
            input.library == nil
            ? ""
            : """
            <p class="note">Drag across a chart to zoom, or focus it and use + and −, the arrow keys and 0; charts over time move \
            together.</p>
            """
        return help + HTML(markup: charts.map { figure($0).text }.joined(separator: "\n"))
    }

    private func figure(_ chart: Chart) -> HTML {
        let lines = chart.lines.enumerated().map { number, line -> HTML in
            "<li><span class=\"key c\(number % 6)\" aria-hidden=\"true\"></span>\(line.name)</li>"
        }
        let shaded: HTML =
            chart.bands.isEmpty ? "" : "<li><span class=\"key shade\" aria-hidden=\"true\"></span>fault in force</li>"
        return """
            <figure class="chart" id="chart-\(chart.id)">
            <figcaption><h3>\(chart.title) <small>\(chart.yLabel)</small></h3>\
            <button type="button" class="reset" hidden>whole run</button></figcaption>
            <div class="canvas" data-chart="\(chart.id)">\(ChartSVG(chart).svg())</div>
            <ul class="legend">\(lines)\(shaded)</ul>
            <p class="note">\(chart.note)</p>
            </figure>
            """
    }
}
