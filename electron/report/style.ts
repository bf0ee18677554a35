/** The report's style: one accent for B, grey for A; A4 when printed, then always light. */
export const reportStyle = `
:root {
  color-scheme: light dark;
  --paper: #ffffff; --panel: #f6f7f8; --ink: #16202a; --muted: #5a6672; --line: #d9dee3;
  --a: #8793a0; --b: #0a6c74; --b-soft: #d5eaeb; --caution: #8a5300; --caution-soft: #fdf3e1;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --paper: #12171c; --panel: #1a2027; --ink: #e4e9ee; --muted: #9aa6b2; --line: #303a44;
    --a: #8793a0; --b: #4fb6bd; --b-soft: #173a3d; --caution: #e3ae5c; --caution-soft: #2c2415;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif;
  font-variant-numeric: tabular-nums; -webkit-text-size-adjust: 100%;
}
main { max-width: 880px; margin: 0 auto; padding: 40px 28px 64px; }
h1 { font-size: 23px; line-height: 1.36; font-weight: 600; letter-spacing: -0.01em; margin: 0 0 12px; text-wrap: pretty; overflow-wrap: anywhere; }
h2 { font-size: 17px; font-weight: 600; margin: 44px 0 12px; break-after: avoid; }
h3 { font-size: 14px; font-weight: 600; margin: 0 0 8px; break-after: avoid; overflow-wrap: anywhere; }
p { margin: 0 0 10px; } table + p { margin-top: 10px; }
.eyebrow > * { min-width: 0; overflow-wrap: anywhere; }
.eyebrow { display: flex; flex-wrap: wrap; gap: 4px 18px; justify-content: space-between; color: var(--muted); font-size: 13px; border-bottom: 1px solid var(--line); padding-bottom: 10px; margin-bottom: 26px; }
.word { display: inline-block; font-size: 12px; font-weight: 600; border: 1px solid currentColor; border-radius: 3px; padding: 1px 8px; margin-bottom: 12px; }
.word.good { color: var(--b); } .word.caution { color: var(--caution); }
.lead { font-size: 16px; overflow-wrap: anywhere; } .muted { color: var(--muted); } .small { font-size: 13px; }
.tiles { display: grid; grid-template-columns: repeat(4, 1fr); border: 1px solid var(--line); border-radius: 6px; margin: 26px 0 8px; break-inside: avoid; }
.tile { padding: 14px 16px 12px; border-left: 1px solid var(--line); min-width: 0; }
.tile:first-child { border-left: 0; }
.tile .name { font-size: 13px; color: var(--muted); }
.tile .value { font-size: 23px; font-weight: 600; line-height: 1.3; white-space: nowrap; }
.tile .unit { font-size: 14px; font-weight: 400; }
.tile .note { font-size: 12.5px; color: var(--muted); line-height: 1.4; }
table { width: 100%; border-collapse: collapse; font-size: 14px; }
th, td { text-align: right; padding: 6px 0 6px 14px; border-bottom: 1px solid var(--line); vertical-align: baseline; }
th { font-weight: 600; } tbody th { font-weight: 400; overflow-wrap: anywhere; }
th:first-child, td:first-child { text-align: left; padding-left: 0; }
td.text, th.text { text-align: left; overflow-wrap: anywhere; }
thead th { color: var(--muted); font-weight: 400; font-size: 13px; vertical-align: bottom; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
.range { display: block; font-size: 12.5px; color: var(--muted); }
.b { color: var(--b); font-weight: 600; }
.key { display: inline-block; width: 10px; height: 10px; border-radius: 2px; margin-right: 6px; }
.key.a { background: var(--a); } .key.b { background: var(--b); }
.pair > * { min-width: 0; }
.pair { display: grid; grid-template-columns: 1fr 1fr; gap: 14px 28px; }
figure { margin: 0; break-inside: avoid; min-width: 0; } figcaption { font-size: 13px; margin-bottom: 8px; }
svg { display: block; width: 100%; height: auto; overflow: hidden; }
svg text { font: 11.5px system-ui, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "DejaVu Sans", sans-serif; fill: var(--ink); font-variant-numeric: tabular-nums; }
svg .soft { fill: var(--muted); } svg .end { text-anchor: end; } svg .middle { text-anchor: middle; }
svg .bar-a { fill: var(--a); } svg .bar-b { fill: var(--b); } svg .band { fill: var(--b-soft); }
svg .faded { opacity: 0.45; } svg .line { stroke: var(--line); } svg .mark { stroke: var(--b); stroke-width: 2; }
svg .base { stroke: var(--muted); stroke-dasharray: 3 3; } svg .dot { fill: var(--b); }
svg .strip { stroke: var(--b); stroke-width: 5; stroke-linecap: round; opacity: 0.4; }
.replacement { border: 1px solid var(--line); border-radius: 6px; padding: 14px 16px; margin-bottom: 14px; break-inside: avoid; }
pre { margin: 4px 0 0; padding: 10px 12px; background: var(--panel); border-radius: 4px; font: 12px/1.55 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; white-space: pre-wrap; overflow-wrap: anywhere; }
.to pre { border-left: 3px solid var(--b); } .from pre { border-left: 3px solid var(--a); }
.facts { display: flex; flex-wrap: wrap; gap: 2px 22px; font-size: 13px; color: var(--muted); margin-top: 10px; }
dl { display: grid; grid-template-columns: 170px 1fr; gap: 5px 20px; margin: 0; font-size: 14px; }
dt { color: var(--muted); } dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
code { font: 12.5px ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; overflow-wrap: anywhere; }
.steps td.track, .steps th.track { width: 42%; text-align: left; }
.track span { display: block; height: 10px; min-width: 2px; border-radius: 2px; background: var(--b); }
ul { margin: 0; padding-left: 20px; } li { margin-bottom: 6px; break-inside: avoid; overflow-wrap: anywhere; }
.operators td:first-child { overflow-wrap: anywhere; }
footer { margin-top: 44px; padding-top: 10px; border-top: 1px solid var(--line); font-size: 12.5px; color: var(--muted); }
@media screen and (max-width: 640px) {
  main { padding: 22px 16px 40px; } h1 { font-size: 21px; }
  .tiles { grid-template-columns: 1fr 1fr; } .tile:nth-child(3) { border-left: 0; } .tile:nth-child(n + 3) { border-top: 1px solid var(--line); }
  .pair { grid-template-columns: 1fr; } dl { grid-template-columns: 1fr; gap: 0; } dd { margin-bottom: 8px; }
}
@page { size: A4; margin: 15mm 16mm 16mm; }
@media print {
  :root { color-scheme: light; }
  body { font-size: 10pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  h1 { font-size: 16pt; } h2 { margin-top: 22pt; } table, dl { font-size: 9.5pt; } th, td { padding-top: 4px; padding-bottom: 4px; }
  .lead { font-size: 11pt; } .tile .value { font-size: 16pt; }
}
`;
