/** The page's style, for light and dark, screens and paper. Colours of methods are told apart by the colour-blind (Okabe and Ito). */
export const STYLE = `
:root { color-scheme: light dark; --page: #fff; --ink: #1b1f24; --soft: #59636e; --line: #d8dee4; --panel: #f6f8fa;
  --method-0: #0072b2; --method-1: #d55e00; --method-2: #009e73; --method-3: #b0568c; --method-4: #8a6d00; --method-5: #2a9fd6;
  --method-6: #5b5b5b; --method-7: #7a3db8; }
@media (prefers-color-scheme: dark) {
  :root { --page: #14181d; --ink: #e6e9ed; --soft: #9aa4af; --line: #343b44; --panel: #1c2229; --method-0: #4aa8e0;
    --method-1: #f2873f; --method-2: #35c99b; --method-3: #dc8fbd; --method-4: #d9b52e; --method-5: #8fd0f2; --method-6: #b5b5b5;
    --method-7: #b98be6; }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1280px; padding: 2.5rem 1.5rem; background: var(--page); color: var(--ink);
  font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; }
h1 { font-size: 2rem; line-height: 1.2; margin: 0 0 0.3rem; } h2 { font-size: 1.45rem; margin: 3rem 0 0.8rem;
  border-bottom: 1px solid var(--line); padding-bottom: 0.3rem; } h3 { font-size: 1.1rem; margin: 2.2rem 0 0.6rem; }
h4 { margin: 1.4rem 0 0.5rem; font-weight: 600; overflow-wrap: anywhere; }
.warning { border-left: 4px solid var(--method-1); padding-left: 0.8rem; }
.lead { color: var(--soft); font-size: 1.05rem; margin: 0; }
nav ul { padding: 0; list-style: none; display: flex; flex-wrap: wrap; gap: 0.3rem 1.2rem; } a { color: var(--method-0); }
.scroll { overflow-x: auto; } .scroll:focus-visible, summary:focus-visible, a:focus-visible { outline: 3px solid var(--method-0);
  outline-offset: 2px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; border-top: 2px solid; border-bottom: 2px solid; }
caption { text-align: left; color: var(--soft); font-size: 0.88rem; padding-bottom: 0.4rem; }
th, td { padding: 0.42rem 0.5rem; text-align: right; white-space: nowrap; font-weight: 400; }
thead th { border-bottom: 1px solid; font-weight: 600; } th:first-child { text-align: left; position: sticky; left: 0;
  background: var(--page); } tbody tr + tr > * { border-top: 1px solid var(--line); }
.scores tbody th { font-weight: 600; } td small { display: block; color: var(--soft); font-size: 0.68rem; letter-spacing: -0.02em; }
td b { font-weight: 750; } td u { text-underline-offset: 3px; } sup { line-height: 0; }
.legend { color: var(--soft); font-size: 0.88rem; margin: 0.5rem 0; max-width: 60rem; }
.methods { display: flex; flex-wrap: wrap; gap: 0.3rem 1.4rem; padding: 0; margin: 0.4rem 0; list-style: none; font-size: 0.92rem; }
.methods svg { vertical-align: middle; margin-right: 0.45rem; overflow: visible; }
.panel { background: var(--panel); border-radius: 10px; padding: 1rem 1.1rem; }
.panel svg { max-width: 100%; height: auto; --plot-background: var(--panel); } .panel.scroll svg { max-width: none; margin: 0 auto; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(300px, 1fr)); gap: 1.2rem 1.6rem; }
figure { margin: 0; min-width: 0; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(170px, 1fr)); gap: 0.8rem; align-items: start; }
.pictures figcaption { text-align: center; font-size: 0.88rem; padding-top: 0.25rem; overflow-wrap: anywhere; }
.whole { position: relative; line-height: 0; } .whole img { width: 100%; height: auto; border-radius: 3px; }
.whole svg { position: absolute; inset: 0; width: 100%; height: 100%; overflow: visible; }
.whole rect { fill: none; stroke-width: 2.5px; vector-effect: non-scaling-stroke; }
.crops { display: flex; gap: 4px; margin-top: 4px; line-height: 0; }
.crop { flex: 1 1 0; min-width: 0; height: auto; border: 2.5px solid; image-rendering: pixelated; }
.crop-0 { border-color: #ff3b30; } .crop-1 { border-color: #00c04b; } .crop-2 { border-color: #2f8bff; } .crop-3 { border-color: #ffb000; }
.frame-0 { stroke: #ff3b30; } .frame-1 { stroke: #00c04b; } .frame-2 { stroke: #2f8bff; } .frame-3 { stroke: #ffb000; }
details { margin: 1.2rem 0; } summary { cursor: pointer; font-weight: 600; }
details[open] > summary { margin-bottom: 0.7rem; }
dl { columns: 26rem 2; column-gap: 2.5rem; font-size: 0.9rem; } dl div { break-inside: avoid; } dt { font-weight: 600; }
dd { margin: 0 0 0.6rem 1.2rem; color: var(--soft); } .small { font-size: 0.9rem; max-width: 60rem; }
footer { margin-top: 3.5rem; color: var(--soft); font-size: 0.85rem; border-top: 1px solid var(--line); padding-top: 0.8rem; }
@media print { :root { color-scheme: light; } body { max-width: none; padding: 0; font-size: 11px; } .plots figure, .pictures figure,
  table { break-inside: avoid; } nav { display: none; } .panel { background: none; padding: 0; } }
`;
