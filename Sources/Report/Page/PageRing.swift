import Foundation

/// The ring as the run began with it, and which node owns how much of it.
extension ReportPage {
    private static let radius = 120.0

    func ring() -> HTML {
        guard let ring = samples.ring, !ring.preference.isEmpty, ring.preference.count <= 4096 else { return "" }
        let nodes = Array(Set(ring.preference.joined())).sorted { ($0.count, $0) < ($1.count, $1) }
        let number = Dictionary(uniqueKeysWithValues: nodes.enumerated().map { ($1, $0) })
        let total = ring.preference.count
        let rows = nodes.map { node -> HTML in
            let first = ring.preference.count { $0.first == node }
            let held = ring.preference.count { $0.contains(node) }
            let share = String(format: "%.1f", 100 * Double(held) / max(1, Double(total) * Double(ring.n)))
            return """
                <tr><th scope="row"><span class="key o\((number[node] ?? 0) % 12)" aria-hidden="true"></span>\(node)</th>\
                <td class="num">\(first)</td><td class="num">\(held)</td><td class="num">\(share) %</td></tr>
                """
        }
        let arcs = ring.preference.enumerated().map { place, homes -> String in
            let owner = homes.first ?? ""
            return arc(
                place, of: total, owner: (number[owner] ?? 0) % 12,
                "partition \(place): \(homes.joined(separator: ", "))")
        }
        let picture = HTML(
            markup:
                "<svg class=\"ring\" xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"-130 -130 260 260\" role=\"img\" "
                + "aria-label=\"The ring\">\(arcs.joined())<text class=\"tick mid\" y=\"-4\">\(total) ring partitions</text>"
                + "<text class=\"tick mid\" y=\"14\">\(ring.n) replicas each</text></svg>")
        return """
            <p class="note">As the run began. The colour is the first home: the node that coordinates; point at an arc for all of its homes.</p>
            <div class="split">\(picture)<div class="scroll"><table><thead><tr><th scope="col">node</th><th scope="col" class="num">first home of</th>\
            <th scope="col" class="num">home of</th><th scope="col" class="num">share of all replicas</th></tr></thead><tbody>\(rows)</tbody></table></div></div>
            """
    }

    private func arc(_ place: Int, of total: Int, owner: Int, _ title: String) -> String {
        let from = 2 * Double.pi * Double(place) / Double(total) - Double.pi / 2
        let to = 2 * Double.pi * (Double(place) + (total > 256 ? 1 : 0.94)) / Double(total) - Double.pi / 2
        let inner = Self.radius - 34
        func point(_ radius: Double, _ angle: Double) -> String {
            "\(String(format: "%.2f", radius * cos(angle))) \(String(format: "%.2f", radius * sin(angle)))"
        }
        let large = to - from > Double.pi ? 1 : 0
        return "<path class=\"arc o\(owner)\" d=\"M\(point(Self.radius, from))"
            + "A\(Int(Self.radius)) \(Int(Self.radius)) 0 \(large) 1 \(point(Self.radius, to))L\(point(inner, to))"
            + "A\(Int(inner)) \(Int(inner)) 0 \(large) 0 \(point(inner, from))Z\"><title>\(Markup.escape(title))</title></path>"
    }
}
