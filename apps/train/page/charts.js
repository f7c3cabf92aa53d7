// The curves, by uPlot. Plain scripts, one after the other: the page has no build.

/** @typedef {import('uplot')} Plot */

/** @type {Record<'light' | 'dark', string[]>} told apart by the colour-blind too */
const COLOURS = {
  light: ['#0b66c3', '#c2570c', '#0f7b53', '#8b3fa8', '#a3301f', '#5b6675'],
  dark: ['#6cb2ff', '#f5a25d', '#5bd197', '#cf9bf0', '#ff8a80', '#9aa5b4'],
};

/** Lengths of line and gap, in pixels: curves are told apart without their colours. */
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]];

/** @param {number} i the curve's place in its chart @returns {number[]} */
const dashOf = (i) => DASHES[i % DASHES.length] ?? [];

/** A piece of a curve's line, for the legend. @param {string} colour @param {number[]} dash @returns {string} a background */
function sampleOf(colour, dash) {
  let at = 0;
  const pieces = dash.map((length, i) => {
    const from = at;
    at += length;
    return `${i % 2 === 0 ? colour : 'transparent'} ${from}px ${at}px`;
  });
  return pieces.length > 0 ? `repeating-linear-gradient(90deg, ${pieces.join(', ')})` : colour;
}

/** @param {string} name @returns {string} the value of a colour of page.css */
function themeColour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/** @returns {'light' | 'dark'} */
function currentTheme() {
  return getComputedStyle(document.documentElement).colorScheme === 'dark' ? 'dark' : 'light';
}

/** The charts of a run. */
class Charts {
  /** @param {HTMLElement} place */
  constructor(place) {
    this.place = place;
    /** @type {{ group: Group, plot: Plot, holder: HTMLElement }[]} */
    this.charts = [];
    /** @type {Curves | null} */
    this.content = null;
    this.log = false;
    /** @type {number | null} the update that the pictures show */
    this.marked = null;
    this.built = '';
    new ResizeObserver(() => this.fit()).observe(place);
  }

  /** @param {Curves} content */
  show(content) {
    this.content = content;
    const groups = groupsOf(content);
    const built = JSON.stringify([groups, this.log, currentTheme()]);
    if (built !== this.built) this.build(groups);
    this.built = built;
    for (const { group, plot } of this.charts) {
      const whole = isWhole(plot);
      plot.setData(this.dataOf(group), whole);
      if (!whole) plot.redraw();
    }
  }

  /** Draws all anew: the theme or the scale is another. */
  refresh() {
    if (this.content) this.show(this.content);
  }

  /** @param {boolean} on */
  setLog(on) {
    this.log = on;
    this.refresh();
  }

  /** @param {number} update */
  mark(update) {
    if (this.marked === update) return;
    this.marked = update;
    for (const { plot } of this.charts) plot.redraw(false);
  }

  /** @param {Group[]} groups */
  build(groups) {
    for (const { plot } of this.charts) plot.destroy();
    this.charts = groups.map((group) => {
      const holder = document.createElement('div');
      holder.className = 'chart';
      const title = document.createElement('h3');
      const note = document.createElement('span');
      note.textContent = group.note;
      title.append(`${group.title} `, note);
      holder.append(title);
      return { group, holder, plot: new uPlot(this.optionsOf(group), this.dataOf(group), holder) };
    });
    this.place.replaceChildren(...this.charts.map(({ holder }) => holder));
    this.fit();
  }

  fit() {
    for (const { plot, holder } of this.charts) {
      const width = Math.floor(holder.clientWidth - 24);
      if (width > 0 && width !== plot.width) plot.setSize({ width, height: plot.height });
    }
  }

  /** @param {Group} group @returns {import('uplot').AlignedData} */
  dataOf(group) {
    const content = /** @type {Curves} */ (this.content);
    const { updates, bucket } = content;
    const x = Array.from({ length: Math.ceil(updates / bucket) }, (_, i) =>
      Math.min(updates, (i + 1) * bucket),
    );
    const ys = Object.keys(group.labels).map((name) => {
      const values = this.drawable(curveNamed(content, name).mean);
      return group.exact ? values : smoothed(values);
    });
    return [x, ...ys];
  }

  /** @param {Group} group @returns {import('uplot').Options} */
  optionsOf(group) {
    const format = group.format ?? formatNumber;
    const axis = {
      stroke: themeColour('--soft'),
      grid: { stroke: themeColour('--grid'), width: 1 },
      ticks: { show: false },
    };
    const colours = COLOURS[currentTheme()];
    const series = Object.values(group.labels).map((label, i) => ({
      label,
      stroke: colours[i % colours.length] ?? 'gray',
      width: 1.6,
      dash: dashOf(i),
      spanGaps: false,
      value: (/** @type {Plot} */ _plot, /** @type {number | null} */ y) => (y === null ? '–' : format(y)),
    }));
    return {
      width: 400,
      height: 190,
      scales: { x: { time: false }, y: { distr: this.log ? 3 : 1 } },
      axes: [
        { ...axis, size: 28, space: 60 },
        { ...axis, size: 62, values: (_plot, ticks) => ticks.map((y) => (y === null ? '' : format(y))) },
      ],
      series: [{ label: 'update', value: (_plot, x) => (x === null ? '–' : formatCount(x)) }, ...series],
      legend: {
        markers: {
          width: 0,
          fill: (_plot, i) => sampleOf(colours[(i - 1) % colours.length] ?? 'gray', dashOf(i - 1)),
        },
      },
      cursor: { sync: { key: 'run' }, points: { size: 6 } },
      hooks: { drawAxes: [(plot) => this.drawBehind(plot, group)], draw: [(plot) => this.drawMark(plot)] },
    };
  }

  /** What a scale can show. @param {(number | null)[]} values */
  drawable(values) {
    return this.log ? values.map((y) => (y !== null && y <= 0 ? null : y)) : values;
  }

  /** Behind each curve, every update or, where these are too many, their range. @param {Plot} plot @param {Group} group */
  drawBehind(plot, group) {
    const content = /** @type {Curves} */ (this.content);
    const { ctx } = plot;
    const { left, top, width, height } = plot.bbox;
    const colours = COLOURS[currentTheme()];
    ctx.save();
    ctx.beginPath();
    ctx.rect(left, top, width, height);
    ctx.clip();
    Object.keys(group.labels).forEach((name, i) => {
      if (!plot.series[i + 1]?.show) return;
      const curve = curveNamed(content, name);
      const colour = /** @type {string} */ (colours[i % colours.length]);
      Object.assign(ctx, { fillStyle: colour, strokeStyle: colour, lineWidth: devicePixelRatio });
      ctx.globalAlpha = content.bucket > 1 ? 0.18 : 0.3;
      if (content.bucket > 1) ctx.fill(bandOf(plot, this.drawable(curve.min), this.drawable(curve.max)));
      else ctx.stroke(lineOf(plot, this.drawable(curve.mean)));
    });
    ctx.restore();
  }

  /** A line where the pictures are. @param {Plot} plot */
  drawMark(plot) {
    if (!this.marked) return;
    const x = plot.valToPos(this.marked, 'x', true);
    const { left, top, width, height } = plot.bbox;
    if (x < left || x > left + width) return;
    const { ctx } = plot;
    ctx.save();
    ctx.strokeStyle = themeColour('--soft');
    ctx.setLineDash([4, 4]);
    ctx.beginPath();
    ctx.moveTo(x, top);
    ctx.lineTo(x, top + height);
    ctx.stroke();
    ctx.restore();
  }
}

/** A line with its gaps. @param {Plot} plot @param {(number | null)[]} curve @returns {Path2D} */
function lineOf(plot, curve) {
  const path = new Path2D();
  curve.forEach((y, i) => {
    if (y === null) return;
    const [left, top] = placeOf(plot, i, y);
    // A line to where it is: a point, where it stands alone.
    if (curve[i - 1] === null || i === 0) path.moveTo(left, top);
    path.lineTo(left, top);
  });
  return path;
}

/** What lies between two curves. @param {Plot} plot @param {(number | null)[]} low @param {(number | null)[]} high @returns {Path2D} */
function bandOf(plot, low, high) {
  const path = new Path2D();
  const go = (/** @type {number | null | undefined} */ y, /** @type {number} */ i) => {
    if (y !== null && y !== undefined) path.lineTo(...placeOf(plot, i, y));
  };
  high.forEach(go);
  for (let i = low.length - 1; i >= 0; i--) go(low[i], i);
  return path;
}

/** @param {Plot} plot @param {number} i @param {number} y @returns {[left: number, top: number]} */
function placeOf(plot, i, y) {
  return [plot.valToPos(plot.data[0][i] ?? 0, 'x', true), plot.valToPos(y, 'y', true)];
}

/** A running mean over a thirtieth of the curve; gaps stay. @param {(number | null)[]} values @returns {(number | null)[]} */
function smoothed(values) {
  const reach = Math.floor(values.length / 60);
  return values.map((value, i) => {
    if (value === null) return null;
    const near = values.slice(Math.max(0, i - reach), i + reach + 1).filter((y) => y !== null);
    return near.reduce((sum, y) => sum + y, 0) / near.length;
  });
}

/** @param {Plot} plot @returns {boolean} whether a chart shows all of x: it is not zoomed into */
function isWhole(plot) {
  const xs = plot.data[0];
  const { min, max } = plot.scales['x'] ?? {};
  if (xs.length === 0 || min === undefined || max === undefined || min === null || max === null) return true;
  return min <= (xs[0] ?? 0) && max >= (xs.at(-1) ?? 0);
}
