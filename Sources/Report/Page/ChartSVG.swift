import Foundation

/// A chart as plain SVG: what a page shows where no script runs or dygraphs was not there to be embedded, and on paper.
struct ChartSVG {
    private static let width = 760.0, height = 230.0
    private static let left = 58.0, right = 12.0, top = 12.0, bottom = 34.0

    private let chart: Chart
    private let xRange: (low: Double, high: Double)
    private let yRange: (low: Double, high: Double)

    init(_ chart: Chart) {
        self.chart = chart
        let xs = chart.isLogarithmicX ? chart.x.filter { $0 > 0 } : chart.x
        let low = xs.min() ?? 0, high = max(xs.max() ?? 1, (xs.min() ?? 0) + 1e-9)
        xRange = (low, high)
        let values = chart.lines.flatMap { $0.values.compactMap(\.self) }
        if chart.isLogarithmic {
            let positive = values.filter { $0 > 0 }
            let lowest = positive.min() ?? 0.1
            yRange = (
                pow(10, log10(lowest).rounded(.down)),
                pow(10, log10(max(positive.max() ?? 1, lowest * 1.01)).rounded(.up))
            )
        } else {
            let lowest = chart.yFrom ?? 0
            yRange = (lowest, lowest + max((values.max() ?? 1) - lowest, 1e-9) * 1.08)
        }
    }

    func svg() -> HTML {
        var parts = [
            "<svg class=\"plot\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 \(n(Self.width)) \(n(Self.height))\" "
                + "role=\"img\" aria-label=\"\(Markup.escape(chart.title))\">"
        ]
        parts += chart.bands.map(band)
        parts += axes()
        parts += chart.marks.map(mark)
        for (number, line) in chart.lines.enumerated() { parts.append(path(line, number)) }
        parts.append("</svg>")
        return HTML(markup: parts.joined(separator: "\n"))
    }

    private func band(_ band: Chart.Band) -> String {
        let from = place(x: max(band.from, xRange.low)), to = place(x: min(band.to, xRange.high))
        guard to >= from else { return "" }
        return "<rect class=\"band\" x=\"\(n(from))\" y=\"\(n(Self.top))\" width=\"\(n(max(1, to - from)))\" "
            + "height=\"\(n(Self.height - Self.top - Self.bottom))\"><title>\(Markup.escape(band.name))</title></rect>"
    }

    private func mark(_ mark: Chart.Mark) -> String {
        guard mark.at >= xRange.low, mark.at <= xRange.high else { return "" }
        let x = place(x: mark.at)
        return
            "<line class=\"mark\" x1=\"\(n(x))\" x2=\"\(n(x))\" y1=\"\(n(Self.top))\" y2=\"\(n(Self.height - Self.bottom))\">"
            + "<title>\(Markup.escape(mark.name))</title></line>"
    }

    private func path(_ line: Chart.Line, _ number: Int) -> String {
        var text = ""
        var isDown = false
        for (x, value) in zip(chart.x, line.values) {
            guard let value, !chart.isLogarithmic || value > 0, !chart.isLogarithmicX || x > 0 else {
                isDown = isDown && chart.bridgesGaps
                continue
            }
            text += "\(isDown ? "L" : "M")\(n(place(x: x))) \(n(place(y: value)))"
            isDown = true
        }
        return "<path class=\"line c\(number % 6)\" d=\"\(text)\"/>"
    }

    // MARK: - Axes

    private func axes() -> [String] {
        var parts: [String] = []
        for tick in ticks(yRange, isLogarithmic: chart.isLogarithmic) {
            let y = place(y: tick)
            parts.append(
                "<line class=\"grid\" x1=\"\(n(Self.left))\" x2=\"\(n(Self.width - Self.right))\" y1=\"\(n(y))\" y2=\"\(n(y))\"/>"
                    + "<text class=\"tick end\" x=\"\(n(Self.left - 6))\" y=\"\(n(y + 4))\">\(Self.number(tick))</text>"
            )
        }
        for tick in ticks(xRange, isLogarithmic: chart.isLogarithmicX) {
            parts.append(
                "<text class=\"tick mid\" x=\"\(n(place(x: tick)))\" y=\"\(n(Self.height - Self.bottom + 15))\">"
                    + "\(Self.number(tick))</text>")
        }
        parts.append(
            "<text class=\"tick mid\" x=\"\(n((Self.left + Self.width - Self.right) / 2))\" y=\"\(n(Self.height - 4))\">"
                + "\(Markup.escape(chart.xLabel))</text>")
        return parts
    }

    /// Round numbers within a range, four to eight of them.
    private func ticks(_ range: (low: Double, high: Double), isLogarithmic: Bool) -> [Double] {
        if isLogarithmic, range.low > 0 {
            var ticks: [Double] = []
            var value = pow(10, log10(range.low).rounded(.up))
            while value <= range.high * 1.0001, ticks.count < 12 {
                ticks.append(value)
                value *= 10
            }
            return ticks
        }
        let span = range.high - range.low
        guard span > 0 else { return [range.low] }
        let raw = span / 5, power = pow(10, log10(raw).rounded(.down))
        let step = ([1, 2, 5, 10].first { $0 * power >= raw } ?? 10) * power
        let first = (range.low / step).rounded(.up)
        return (0..<12).map { (first + Double($0)) * step }.filter { $0 <= range.high }
    }

    private func place(x: Double) -> Double {
        Self.left + share(x, xRange, chart.isLogarithmicX) * (Self.width - Self.left - Self.right)
    }

    private func place(y: Double) -> Double {
        Self.height - Self.bottom - share(y, yRange, chart.isLogarithmic) * (Self.height - Self.top - Self.bottom)
    }

    private func share(_ value: Double, _ range: (low: Double, high: Double), _ isLogarithmic: Bool) -> Double {
        guard isLogarithmic, range.low > 0 else { return (value - range.low) / (range.high - range.low) }
        return log(max(value, range.low) / range.low) / log(range.high / range.low)
    }

    private func n(_ value: Double) -> String { Coordinate.text(value) }

    /// `0.5`, `20`, `1.2 k`: a tick's label.
    static func number(_ value: Double) -> String {
        switch abs(value) {
        case 1e6...: trim(value / 1e6) + " M"
        case 1e4...: trim(value / 1e3) + " k"
        case 0: "0"
        case ..<0.001: String(format: "%.0e", value)
        default: trim(value)
        }
    }

    private static func trim(_ value: Double) -> String {
        var text = String(format: "%.3f", value)
        while text.hasSuffix("0") { text.removeLast() }
        if text.hasSuffix(".") { text.removeLast() }
        return text
    }
}
