/// How pages look: one sheet, light and dark, from a telephone up.
enum PageStyle {
    static let sheet = """
        :root{--paper:#fff;--page:#f5f6f8;--ink:#1c2024;--dim:#5d6673;--line:#dfe3e8;--link:#1d5fae;--good:#18794e;--bad:#c81e1e;\
        --open:#9a6700;--band:rgba(217,119,6,.17);--edge:rgba(20,30,45,.22);--c0:#2563a8;--c1:#c2410c;--c2:#15803d;--c3:#7c3aed;--c4:#0e7490;--c5:#a21caf}
        @media (prefers-color-scheme:dark){:root{--paper:#15181c;--page:#0d0f12;--ink:#e6e8eb;--dim:#9aa4b1;--line:#2c323a;\
        --link:#79b8ff;--good:#4cc38a;--bad:#ff7b7b;--open:#f0b429;--band:rgba(240,169,75,.2);--edge:rgba(255,255,255,.2);--c0:#6db1ff;--c1:#ff9b6a;\
        --c2:#5fd38d;--c3:#b794f6;--c4:#5fd0e0;--c5:#f08bf5}}
        *{box-sizing:border-box}html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
        @media (prefers-reduced-motion:reduce){html{scroll-behavior:auto}}
        body{margin:0;background:var(--page);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"DejaVu Sans",sans-serif}
        header,main,footer{max-width:1180px;margin:0 auto;padding:0 20px}
        header{padding-top:22px}h1{margin:.1em 0 .3em;font-size:1.9rem;overflow-wrap:anywhere}
        h2{font-size:1.3rem;margin:0 0 .6em}h3{font-size:1.02rem;margin:0}small{color:var(--dim);font-weight:400}
        .eyebrow{margin:0;color:var(--dim);font-size:.85rem;letter-spacing:.04em}
        nav{display:flex;flex-wrap:wrap;gap:4px 18px;padding-bottom:14px}
        a{color:var(--link)}a:focus-visible,button:focus-visible,summary:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
        .skip{position:absolute;left:-9999px}.skip:focus{left:8px;top:8px;background:var(--paper);padding:6px 10px;z-index:9}
        section{background:var(--paper);border:1px solid var(--line);border-radius:10px;padding:20px 22px;margin:0 0 18px}
        .verdict{border-left:8px solid var(--open)}.verdict.good{border-left-color:var(--good)}.verdict.bad{border-left-color:var(--bad)}
        .stamp{font-size:1.7rem;font-weight:750;margin:0;line-height:1.2}.verdict>.sentence{margin:.3em 0 1em;font-size:1.06rem;max-width:75ch}
        .verdict.good>.stamp,td.good{color:var(--good)}.verdict.bad>.stamp,td.bad{color:var(--bad)}.verdict.open>.stamp,td.open{color:var(--open)}
        td.good,td.bad,td.open{font-weight:650;white-space:nowrap}.warning{color:var(--bad);font-weight:600}
        .note{color:var(--dim);font-size:.89rem;margin:.5em 0;max-width:95ch}
        .scroll{overflow-x:auto;max-width:100%;background:linear-gradient(90deg,var(--paper) 30%,transparent) 0 0/36px 100% no-repeat local,\
        linear-gradient(270deg,var(--paper) 30%,transparent) 100% 0/36px 100% no-repeat local,\
        linear-gradient(90deg,var(--edge),transparent) 0 0/12px 100% no-repeat scroll,linear-gradient(270deg,var(--edge),transparent) 100% 0/12px 100% no-repeat scroll}
        table{border-collapse:collapse;width:100%;font-size:.93rem}th,td{padding:6px 14px 6px 0;text-align:left;vertical-align:top;border-bottom:1px solid var(--line)}
        tr:last-child>*{border-bottom:0}thead .num{white-space:normal}thead th{color:var(--dim);font-weight:600;font-size:.84rem}th[scope=row]{font-weight:600;white-space:nowrap}
        .wide{min-width:760px}.wide td:last-child{min-width:260px}
        .num{text-align:right!important;font-variant-numeric:tabular-nums;white-space:nowrap}
        .cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(205px,1fr));gap:12px;margin-bottom:20px}
        .card{border:1px solid var(--line);border-radius:8px;padding:11px 14px}.card p{margin:0}
        .number{font-size:1.5rem;font-weight:700;font-variant-numeric:tabular-nums;line-height:1.25}.what{font-weight:600;font-size:.93rem;line-height:1.3}.detail{color:var(--dim);font-size:.84rem;line-height:1.4;margin-top:3px!important}
        .chart{margin:0 0 26px}.chart figcaption{display:flex;align-items:center;justify-content:space-between;gap:10px;min-height:34px}
        .canvas{position:relative;border-radius:4px}.canvas.live{height:250px}
        .plot{display:block;width:100%;height:auto}.plot text,.ring text{font-size:12px;fill:var(--dim)}.ring text{font-size:13px}
        .end{text-anchor:end}.mid{text-anchor:middle}.grid{stroke:var(--line)}.line{fill:none;stroke-width:1.8}
        .flow{fill:var(--c0)}.stopped{fill:var(--bad);fill-opacity:.75}.links rect{shape-rendering:crispEdges}.links text{font-size:12px!important}.broad{min-width:640px}.key.flow{background:var(--c0)}.key.little{background:var(--c0);opacity:.2}.key.stopped{background:var(--bad);opacity:.75}
        .band{fill:var(--band)}.mark{stroke:var(--dim);stroke-dasharray:3 3}
        .line.c0{stroke:var(--c0)}.line.c1{stroke:var(--c1)}.line.c2{stroke:var(--c2)}.line.c3{stroke:var(--c3)}.line.c4{stroke:var(--c4)}.line.c5{stroke:var(--c5)}
        .legend{list-style:none;display:flex;flex-wrap:wrap;gap:3px 18px;margin:6px 0 0;padding:0;font-size:.88rem}
        .key{display:inline-block;width:14px;height:10px;border-radius:2px;margin-right:6px}
        .key.c0{background:var(--c0)}.key.c1{background:var(--c1)}.key.c2{background:var(--c2)}.key.c3{background:var(--c3)}.key.c4{background:var(--c4)}.key.c5{background:var(--c5)}.key.shade{background:var(--band);border:1px solid var(--line)}
        button{font:inherit;font-size:.85rem;color:var(--ink);background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:3px 10px;cursor:pointer}
        .split{display:grid;grid-template-columns:minmax(220px,300px) 1fr;gap:26px;align-items:center}.ring{width:100%}
        .arc{stroke:var(--paper);stroke-width:.6}
        .o0{fill:#4e79a7;background:#4e79a7}.o1{fill:#f28e2b;background:#f28e2b}.o2{fill:#59a14f;background:#59a14f}.o3{fill:#b07aa1;background:#b07aa1}
        .o4{fill:#e15759;background:#e15759}.o5{fill:#76b7b2;background:#76b7b2}.o6{fill:#edc948;background:#edc948}.o7{fill:#9c755f;background:#9c755f}
        .o8{fill:#ff9da7;background:#ff9da7}.o9{fill:#8cd17d;background:#8cd17d}.o10{fill:#86bcb6;background:#86bcb6}.o11{fill:#bab0ac;background:#bab0ac}
        details{border-top:1px solid var(--line);padding:10px 0}.anomaly .sentence{display:block;font-weight:400;overflow-wrap:anywhere}
        summary{cursor:pointer}.by{color:var(--dim);font-size:.85rem}details details{border:0;padding:4px 0}
        .command{margin:8px 0 2px}code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,"DejaVu Sans Mono",monospace;font-size:.86rem}
        code{overflow-wrap:anywhere}pre{overflow-x:auto;background:var(--page);border:1px solid var(--line);border-radius:6px;padding:10px;margin:8px 0}
        li{overflow-wrap:anywhere}footer{color:var(--dim);font-size:.86rem;padding-bottom:26px}
        .dygraph-axis-label{color:var(--dim)!important;font-size:12px}.dygraph-legend{background:var(--paper)!important;color:var(--ink);border:1px solid var(--line);border-radius:6px;padding:4px 8px!important;font-size:12px!important;width:auto!important;max-width:70%;opacity:.94}
        .dygraph-legend:empty{display:none}.dygraph-ylabel,.dygraph-xlabel{color:var(--dim);font-weight:400;font-size:12px}
        @media (max-width:640px){header,main,footer{padding-left:10px;padding-right:10px}section{padding:15px 13px}h1{font-size:1.5rem}
        .cards{grid-template-columns:1fr 1fr;gap:8px}.card{padding:9px 10px}.number{font-size:1.25rem}.split{grid-template-columns:1fr}.ring{max-width:260px;margin:0 auto}
        .facts,.facts tbody,.facts tr,.facts th,.facts td{display:block}.facts th{border:0;padding-bottom:0}.facts td{padding-top:2px}
        .wide{min-width:0}.wide thead{display:none}.wide tr{display:flex;flex-wrap:wrap;gap:0 10px;padding:8px 0;border-bottom:1px solid var(--line)}\
        .wide tr:last-child{border:0}.wide td{border:0;padding:0;min-width:0;overflow-wrap:anywhere}.wide td:nth-child(2)::before{content:"to "}.wide td:last-child{flex-basis:100%;color:var(--dim)}
        .runs thead{display:none}.runs tr{display:flex;flex-wrap:wrap;gap:0 12px;padding:8px 0;border-bottom:1px solid var(--line)}.runs tr>*{border:0;padding:0;white-space:normal;overflow-wrap:anywhere}.runs th{flex-basis:100%;order:-1}
        .canvas.live{height:210px}table{font-size:.88rem}td,th{padding-right:10px}.plot text{font-size:20px}}
        @media print{body{background:#fff}section{break-inside:avoid;border:0}nav,.reset{display:none}}
        """
}
