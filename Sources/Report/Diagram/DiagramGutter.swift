/// The arrows of a diagram in text: each runs down a column of its own between the lanes and the words.
struct DiagramGutter {
    private struct Track {
        var arrow: SpaceTimeDiagram.Arrow
        var top: Int { min(arrow.from, arrow.to) }
        var bottom: Int { max(arrow.from, arrow.to) }
        var isBroken: Bool { arrow.kind == .broken }
    }

    /// More columns than this leave no room for words: `seen` arrows beyond them are not drawn, and stand in the words alone.
    private static let maximumColumns = 8
    private static let cellsPerColumn = 2

    /// By column; the arrows of a column share no row.
    private var columns: [[Track]] = []
    /// Rows that break something all by themselves.
    private var marks: Set<Int> = []

    var width: Int { columns.count * Self.cellsPerColumn + 2 }

    init(_ arrows: [SpaceTimeDiagram.Arrow]) {
        let tracks = arrows.map(Track.init).sorted {
            ($0.isBroken ? 0 : 1, $1.bottom - $1.top, $0.top) < ($1.isBroken ? 0 : 1, $0.bottom - $0.top, $1.top)
        }
        for track in tracks {
            if track.top == track.bottom {
                marks.insert(track.top)
            } else if let column = columns.firstIndex(where: { column in
                column.allSatisfy { $0.bottom < track.top || track.bottom < $0.top }
            }) {
                columns[column].append(track)
            } else if columns.count < Self.maximumColumns {
                columns.append([track])
            }
        }
    }

    /// The gutter's cells beside a row's first line.
    func cells(_ row: Int) -> [TextCell] {
        var cells = [TextCell](repeating: .blank, count: width)
        for (position, column) in columns.enumerated() {
            guard let track = column.first(where: { $0.top <= row && row <= $0.bottom }) else { continue }
            let place = position * Self.cellsPerColumn
            let style: TextCell.Style = track.isBroken ? .broken : .plain
            if row > track.top, row < track.bottom {
                let crossing = cells[place].character != " "
                cells[place] = TextCell(
                    character: crossing ? "┼" : track.isBroken ? "┆" : "│", style: crossing ? cells[place].style : style
                )
                continue
            }
            let corner: Character = row == track.top ? "╭" : "╰"
            let crossing = cells[place].character != " "
            cells[place] = TextCell(character: crossing ? (row == track.top ? "┬" : "┴") : corner, style: style)
            for next in (place + 1)..<width where cells[next].character == " " {
                cells[next] = TextCell(character: track.isBroken ? "╌" : "─", style: style)
            }
            if row == track.arrow.to, cells[width - 1].character != "✗" {
                cells[width - 1] = TextCell(character: track.isBroken ? "✗" : "▶", style: style)
            }
        }
        if marks.contains(row) { cells[width - 1] = TextCell(character: "✗", style: .broken) }
        return cells
    }

    /// The gutter's cells between a row and the next.
    func cells(below row: Int) -> [TextCell] {
        var cells = [TextCell](repeating: .blank, count: width)
        for (position, column) in columns.enumerated() {
            guard let track = column.first(where: { $0.top <= row && row < $0.bottom }) else { continue }
            cells[position * Self.cellsPerColumn] = TextCell(
                character: track.isBroken ? "┆" : "│", style: track.isBroken ? .broken : .plain)
        }
        return cells
    }
}
