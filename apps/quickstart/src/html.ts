/** Text inside HTML. */
export function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** A picture inside the page itself. */
export function inlinePng(png: Uint8Array, alt: string): string {
  return `<img alt="${escaped(alt)}" src="data:image/png;base64,${Buffer.from(png).toString('base64')}">`;
}

export const STYLE = `
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 1180px; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0.2em; } h2 { margin-top: 2em; } .lead { font-size: 1.1rem; opacity: 0.85; }
.grid { display: grid; grid-template-columns: repeat(6, 1fr); gap: 4px; overflow-x: auto; }
.grid img { width: 100%; display: block; } .grid b { font-size: 0.85rem; } .grid small { font-size: 0.72rem; opacity: 0.75; }
.ours img { outline: 3px solid #d9480f; outline-offset: -3px; }
.curves { display: grid; grid-template-columns: repeat(auto-fit, minmax(320px, 1fr)); gap: 1.5rem; }
.curves p { margin: 0; font-size: 0.85rem; opacity: 0.75; } .curves h3 { margin: 0; }
table { border-collapse: collapse; } th, td { padding: 0.35em 0.9em; text-align: right; font-variant-numeric: tabular-nums; }
th:first-child, td:first-child { text-align: left; } thead th { border-bottom: 2px solid; } tbody tr { border-bottom: 1px solid #8884; }
td.best { font-weight: 700; } pre { background: #8881; padding: 0.8em; overflow-x: auto; }`;
