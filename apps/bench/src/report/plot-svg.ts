import { type PlotOptions, plot } from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { Html, html } from './html.js';

/**
 * A plot as SVG, drawn here: the page needs no script to show it. It is one picture to those who hear it, by its label.
 * Observable Plot needs no more of a browser than a document to make elements in.
 */
export function plotSvg(label: string, options: PlotOptions): Html {
  const { document } = parseHTML('<!doctype html><html><body></body></html>');
  const svg = plot({ ...options, document: document as never });
  return html`<div role="img" aria-label="${label}">${new Html(svg.outerHTML)}</div>`;
}
