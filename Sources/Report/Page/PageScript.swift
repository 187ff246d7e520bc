/// The page's own script: turns the plain drawings into charts that zoom where dygraphs is there; does nothing otherwise.
enum PageScript {
    static let text = """
        (function () {
        "use strict";
        if (typeof Dygraph === "undefined") return;
        var charts = JSON.parse(document.getElementById("charts").textContent);
        var root = document.documentElement, live = [], moving = false;
        var dark = window.matchMedia("(prefers-color-scheme: dark)");
        function ink(name) { return getComputedStyle(root).getPropertyValue("--" + name).trim(); }
        function colours(chart) { return chart.lines.map(function (_, i) { return ink("c" + i % 6); }); }
        function rows(chart) {
          return chart.x.map(function (x, i) {
            return [x].concat(chart.lines.map(function (line) {
              var v = line.values[i];
              return v === undefined || (chart.isLogarithmic && v === 0) ? null : v;
            }));
          });
        }
        function shade(chart) {
          return function (context, area, g) {
            context.font = "11px sans-serif";
            chart.bands.forEach(function (band) {
              var from = Math.max(area.x, g.toDomXCoord(band.from)), to = Math.min(area.x + area.w, g.toDomXCoord(band.to));
              if (to < from) return;
              context.fillStyle = ink("band"); context.fillRect(from, area.y, Math.max(1, to - from), area.h);
              var text = [band.name, band.name.split(" ")[0]].find(function (t) { return context.measureText(t).width + 6 <= to - from; });
              if (text) { context.fillStyle = ink("dim"); context.fillText(text, from + 3, area.y + 24); }
            });
            context.strokeStyle = ink("dim"); context.fillStyle = ink("dim");
            context.setLineDash([3, 3]);
            var shown = [];
            chart.marks.forEach(function (mark) {
              var x = g.toDomXCoord(mark.at);
              if (x < area.x || x > area.x + area.w) return;
              context.beginPath(); context.moveTo(x, area.y); context.lineTo(x, area.y + area.h); context.stroke();
              var last = shown[shown.length - 1];
              if (last && x - last.x < 60) last.names.push(mark.name); else shown.push({x: x, names: [mark.name]});
            });
            shown.forEach(function (group) {
              var text = group.names.join(" · "), room = context.measureText(text).width + 6;
              var fits = group.x + room < area.x + area.w;
              context.fillText(text, fits ? group.x + 3 : group.x - room + 2, area.y + 11);
            });
            context.setLineDash([]);
          };
        }
        function legend(chart) {
          return function (data) {
            if (data.x === undefined || data.x === null) return "";
            var box = document.createElement("div"), at = document.createElement("b");
            at.textContent = data.xHTML + (chart.isOverTime ? " s" : " ms");
            box.appendChild(at);
            data.series.forEach(function (s) {
              if (s.y === undefined || s.y === null) return;
              var line = document.createElement("div");
              line.textContent = s.label + ": " + s.y; line.style.color = s.color; box.appendChild(line);
            });
            chart.bands.filter(function (b) { return b.from <= data.x && data.x <= b.to; }).slice(0, 4).forEach(function (b) {
              var line = document.createElement("div"); line.textContent = "⚠ " + b.name; box.appendChild(line);
            });
            return box.innerHTML;
          };
        }
        function window_(entry, from, to) {
          var all = entry.g.xAxisExtremes(), span = Math.min(to - from, all[1] - all[0]);
          from = Math.max(all[0], Math.min(from, all[1] - span));
          entry.g.updateOptions({dateWindow: [from, from + span]});
        }
        function follow(entry, isFirst) {
          if (moving || isFirst) return;
          var range = entry.g.xAxisRange(), all = entry.g.xAxisExtremes();
          var whole = range[0] <= all[0] && range[1] >= all[1];
          entry.reset.hidden = whole;
          if (!entry.chart.isOverTime) return;
          moving = true;
          live.forEach(function (other) {
            if (other === entry || !other.chart.isOverTime) return;
            other.g.updateOptions({dateWindow: whole ? null : [range[0], range[1]]});
            other.reset.hidden = whole;
          });
          moving = false;
        }
        function keys(entry) {
          return function (event) {
            var range = entry.g.xAxisRange(), span = range[1] - range[0], middle = (range[0] + range[1]) / 2;
            if (event.ctrlKey || event.metaKey || event.altKey) return;
            switch (event.key) {
              case "+": case "=": window_(entry, middle - span / 4, middle + span / 4); break;
              case "-": case "−": window_(entry, middle - span, middle + span); break;
              case "ArrowLeft": window_(entry, range[0] - span / 5, range[1] - span / 5); break;
              case "ArrowRight": window_(entry, range[0] + span / 5, range[1] + span / 5); break;
              case "0": case "Escape": entry.g.resetZoom(); break;
              default: return;
            }
            event.preventDefault();
          };
        }
        charts.forEach(function (chart) {
          var canvas = document.querySelector('[data-chart="' + chart.id + '"]');
          if (!canvas || !chart.x.length) return;
          var entry = {chart: chart, reset: document.querySelector("#chart-" + chart.id + " .reset")};
          canvas.textContent = ""; canvas.classList.add("live"); canvas.tabIndex = 0;
          canvas.setAttribute("role", "application");
          canvas.setAttribute("aria-label", chart.title + ": a chart; plus and minus zoom, arrow keys move, 0 shows the whole");
          entry.g = new Dygraph(canvas, rows(chart), {
            labels: [chart.xLabel].concat(chart.lines.map(function (line) { return line.name; })),
            colors: colours(chart), strokeWidth: 1.6, legend: "follow", legendFormatter: legend(chart), logscale: chart.isLogarithmic,
            xlabel: chart.xLabel, includeZero: !chart.isLogarithmic, underlayCallback: shade(chart), animatedZooms: false,
            connectSeparatedPoints: chart.bridgesGaps, valueRange: chart.yFrom ? [chart.yFrom, 100.2] : undefined,
            axes: {x: {logscale: chart.isLogarithmicX, drawGrid: false, pixelsPerLabel: 50, axisLineColor: ink("line")},
              y: {gridLineColor: ink("line"), axisLineColor: ink("line"), axisLabelWidth: 58}},
            drawCallback: function (g, isFirst) { entry.g = g; follow(entry, isFirst); }
          });
          canvas.addEventListener("keydown", keys(entry));
          entry.reset.addEventListener("click", function () { entry.g.resetZoom(); canvas.focus(); });
          live.push(entry);
        });
        dark.addEventListener("change", function () {
          moving = true;
          live.forEach(function (entry) {
            entry.g.updateOptions({colors: colours(entry.chart), axes: {x: {axisLineColor: ink("line")},
              y: {gridLineColor: ink("line"), axisLineColor: ink("line")}}});
          });
          moving = false;
        });
        root.dataset.charts = String(live.length);
        })();
        """
}
