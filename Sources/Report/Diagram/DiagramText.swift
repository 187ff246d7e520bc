/// Draws a space-time diagram for a terminal, in characters of Unicode's box-drawing block.
public struct DiagramText {
    /// Columns of the terminal; nil: as wide as it gets.
    public var width: Int?
    /// Whether escape sequences colour it.
    public var colour: Bool

    public init(width: Int? = nil, colour: Bool = false) {
        self.width = width
        self.colour = colour
    }

    public func text(_ diagram: SpaceTimeDiagram) -> String {
        Drawing(diagram, width: width, colour: colour).text()
    }
}

private struct Drawing {
    let diagram: SpaceTimeDiagram
    let width: Int?
    let colour: Bool
    let gutter: DiagramGutter
    let laneNames: [String]
    let laneWidth: Int
    let numberWidth: Int
    let timeWidth: Int

    init(_ diagram: SpaceTimeDiagram, width: Int?, colour: Bool) {
        self.diagram = diagram
        self.width = width
        self.colour = colour
        gutter = DiagramGutter(diagram.arrows)
        laneNames = diagram.lanes.map { Visible.short(Visible.text($0.name), 10) }
        laneWidth = max(3, laneNames.map(\.count).max() ?? 0) + 2
        numberWidth = max(5, diagram.rows.map { String($0.event).count }.max() ?? 0)
        timeWidth = max(4, diagram.rows.indices.map { diagram.time($0).count }.max() ?? 0)
    }

    func text() -> String {
        var lines = paragraph(diagram.sentence, .strong, indent: 0)
        lines.append("")
        lines.append(line(heading))
        for row in diagram.rows.indices { lines += rowLines(row) }
        lines.append("")
        if !diagram.versions.isEmpty {
            lines.append("versions")
            for version in diagram.versions { lines += paragraph(version.text, .plain, indent: 2) }
        }
        for note in diagram.notes { lines += paragraph(note, .dim, indent: 0) }
        let hasFaults = diagram.spans.contains { $0.kind == .fault }
        let legend =
            "* part of the proof   ┃ operation in flight   \(hasFaults ? "░ fault in force   " : "")✗ what is broken"
        lines += paragraph(legend, .dim, indent: 0)
        return lines.joined(separator: "\n")
    }

    private func line(_ cells: [TextCell]) -> String { TextCell.line(cells, colour: colour) }

    private func paragraph(_ text: String, _ style: TextCell.Style, indent: Int) -> [String] {
        TextCell.wrap(Visible.text(text), width.map { max(24, $0 - indent) }).map {
            line(TextCell.cells(String(repeating: " ", count: indent)) + TextCell.cells($0, style))
        }
    }

    // MARK: - Columns

    private func padded(_ text: String, _ width: Int) -> String {
        String(repeating: " ", count: max(0, width - text.count)) + text
    }

    private var heading: [TextCell] {
        var cells = TextCell.cells(" \(padded("event", numberWidth)) \(padded("time", timeWidth)) ", .dim)
        for name in laneNames {
            let left = (laneWidth - name.count) / 2
            cells += TextCell.cells(String(repeating: " ", count: left) + name, .strong)
            cells += TextCell.cells(String(repeating: " ", count: laneWidth - name.count - left))
        }
        return cells
    }

    private func centre(_ lane: Int) -> Int { lane * laneWidth + laneWidth / 2 }

    /// The words' width beside the columns; nil: no limit.
    private var wordWidth: Int? {
        width.map { max(24, $0 - (numberWidth + timeWidth + 3) - laneNames.count * laneWidth - gutter.width - 1) }
    }

    private func rowLines(_ index: Int) -> [String] {
        let row = diagram.rows[index]
        let words = TextCell.wrap(Visible.text(row.title), wordWidth)
        let mark = row.isProof ? "*" : " "
        let prefix = TextCell.cells(
            "\(mark)\(padded(String(row.event), numberWidth)) \(padded(diagram.time(index), timeWidth)) ",
            row.isProof ? .plain : .dim)
        let style: TextCell.Style = row.mark == .fault ? .fault : .plain
        var lines = [
            line(prefix + laneCells(index) + gutter.cells(index) + [.blank] + TextCell.cells(words.first ?? "", style))
        ]
        var more = words.dropFirst().map { TextCell.cells($0, style) }
        for arrow in diagram.arrows where arrow.kind == .broken && arrow.to == index {
            more += TextCell.wrap("✗ " + Visible.text(arrow.label), wordWidth).map { TextCell.cells($0, .broken) }
        }
        let blank = [TextCell](repeating: .blank, count: numberWidth + timeWidth + 3)
        for words in more {
            lines.append(line(blank + laneCells(below: index) + gutter.cells(below: index) + [.blank] + words))
        }
        return lines
    }

    // MARK: - Lanes

    /// The lanes between a row and the next.
    private func laneCells(below index: Int) -> [TextCell] {
        var cells = [TextCell](repeating: .blank, count: laneNames.count * laneWidth)
        for lane in laneNames.indices {
            let isBusy = diagram.spans.contains {
                $0.lane == lane && $0.kind == .operation && $0.from <= index && index < $0.to ?? Int.max
            }
            put(lane, faulty: diagram.isFaulty(lane, at: index), busy: isBusy, &cells)
        }
        return cells
    }

    private func laneCells(_ index: Int) -> [TextCell] {
        var cells = [TextCell](repeating: .blank, count: laneNames.count * laneWidth)
        for lane in laneNames.indices {
            put(
                lane, faulty: diagram.isFaulty(lane, at: index), busy: diagram.operation(lane, at: index) != nil, &cells
            )
        }
        let row = diagram.rows[index]
        guard let lane = row.lane else { return cells }
        let isBegin = row.mark == .invoke
        switch row.mark {
        case .invoke: cells[centre(lane)] = TextCell(character: "┳", style: .operation)
        case .completion: cells[centre(lane)] = TextCell(character: "┻", style: .operation)
        case .point: cells[centre(lane)] = TextCell(character: "●", style: .strong)
        case .fault: return cells
        }
        if let contact = row.contact, contact != lane { connect(lane, contact, toContact: isBegin, &cells) }
        return cells
    }

    private func put(_ lane: Int, faulty: Bool, busy: Bool, _ cells: inout [TextCell]) {
        let place = centre(lane)
        if faulty {
            for offset in -1...1 { cells[place + offset] = TextCell(character: "░", style: .fault) }
        } else if busy {
            cells[place] = TextCell(character: "┃", style: .operation)
        } else {
            cells[place] = TextCell(character: "│", style: .dim)
        }
    }

    /// A message between a process and a node.
    private func connect(_ lane: Int, _ contact: Int, toContact: Bool, _ cells: inout [TextCell]) {
        let left = min(centre(lane), centre(contact)), right = max(centre(lane), centre(contact))
        guard right - left > 1 else { return }
        for place in (left + 1)..<right {
            switch cells[place].character {
            case " ": cells[place] = TextCell(character: "─", style: .dim)
            case "│", "┃": cells[place] = TextCell(character: "┼", style: cells[place].style)
            default: continue
            }
        }
        let towardsRight = (contact > lane) == toContact
        let head = towardsRight ? right - 1 : left + 1
        if cells[head].character == "─" {
            cells[head] = TextCell(character: towardsRight ? "▶" : "◀", style: .dim)
        }
    }
}

extension SpaceTimeDiagram.VersionNote {
    /// `3-41: put by p3, event 120; dot n1:4; clock {n1:3}; had seen 1-2`.
    var text: String {
        var parts = [origin ?? "written by nobody"]
        if !dots.isEmpty { parts.append("dot \(dots.joined(separator: " and "))") }
        if !clocks.isEmpty { parts.append("clock \(clocks.joined(separator: " and "))") }
        if !seen.isEmpty {
            let more = seen.count > 6 ? " and \(seen.count - 6) more" : ""
            parts.append("had seen \(seen.prefix(6).joined(separator: ", "))\(more)")
        }
        return "\(id): " + parts.joined(separator: "; ")
    }
}
