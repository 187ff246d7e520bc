/// A chart over the time of a run (or over another axis), before anything draws it.
struct Chart: Sendable, Encodable {
    struct Line: Sendable, Encodable {
        var name: String
        /// One value for each of ``Chart/x``; nil: a gap.
        var values: [Double?]
    }

    /// An interval of the x axis with a fault in force.
    struct Band: Sendable, Encodable {
        var name: String
        var from: Double
        var to: Double
    }

    /// An instant worth a line of its own.
    struct Mark: Sendable, Encodable {
        var name: String
        var at: Double
    }

    /// Names the element; made of letters and hyphens.
    var id: String
    var title: String
    /// What the x axis and the y axis show.
    var xLabel = "seconds since the run began"
    var yLabel: String
    var x: [Double]
    var lines: [Line]
    /// Whether the y axis is logarithmic.
    var isLogarithmic = false
    /// Whether the x axis is.
    var isLogarithmicX = false
    /// Where the y axis begins; nil: at 0, or below the lowest value when it is logarithmic.
    var yFrom: Double?
    /// Whether a line goes on over a missing value.
    var bridgesGaps = false
    /// Whether the x axis is the run's time, which charts share when zoomed.
    var isOverTime = true
    var bands: [Band] = []
    var marks: [Mark] = []
    /// How the values came about, for the reader.
    var note = ""

    /// At most `limit` points: each that stays shows the largest value of those that it stands for.
    mutating func thin(to limit: Int) {
        guard x.count > limit else { return }
        let step = (x.count + limit - 1) / limit
        let starts = Array(stride(from: 0, to: x.count, by: step))
        for line in lines.indices {
            lines[line].values = starts.map { start in
                lines[line].values[start..<min(start + step, x.count)].compactMap(\.self).max()
            }
        }
        x = starts.map { x[$0] }
        note += (note.isEmpty ? "" : " ") + "Each point shows the largest of \(step) values."
    }
}
