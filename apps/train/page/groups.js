// Which numbers share a chart. Plain scripts, one after the other: the page has no build.

/**
 * @typedef {{ mean: (number | null)[], min: (number | null)[], max: (number | null)[] }} Curve
 * @typedef {{ updates: number, bucket: number, written: number | null, last: Record<string, number>, curves: Record<string, Curve> }} Curves
 * @typedef {{ title: string, note: string, labels: Record<string, string>, format?: (value: number) => string, exact?: boolean }} Group
 * `exact`: not smoothed.
 */

/** @type {Group[]} */
const GROUPS = [
  {
    title: 'Objective',
    note: 'how far the sources are from their reconstructions',
    labels: { 'outer.total': 'after an inner update', 'objective.total': 'now' },
  },
  {
    title: 'Fusion loss',
    note: 'by the weights that P proposes',
    labels: { 'fusion.total': 'total', 'fusion.intensity': 'intensity', 'fusion.gradient': 'gradient' },
  },
  {
    title: 'Objective by term',
    note: '',
    labels: {
      'outer.intensity': 'intensity, after an inner update',
      'outer.gradient': 'gradient, after an inner update',
      'objective.intensity': 'intensity, now',
      'objective.gradient': 'gradient, now',
    },
  },
  { title: 'Learning rate', note: '', labels: { rate: 'F and R', outerRate: 'P' }, exact: true },
  { title: 'Speed', note: 'updates a second', labels: { speed: 'updates a second' } },
  { title: 'Tensors alive', note: 'flat, or something leaks', labels: { tensors: 'tensors' }, exact: true },
];
const MEMORY = /memory|rss|heap|bytes/i;

/** @param {Curves} content @returns {Group[]} the charts of a log: the known ones, memory, and whatever else it has */
function groupsOf({ curves }) {
  const names = Object.keys(curves);
  const known = new Set(GROUPS.flatMap((group) => Object.keys(group.labels)));
  const has = (/** @type {string} */ name) => name in curves || (name === 'speed' && 'duration' in curves);
  const groups = GROUPS.map((group) => ({
    ...group,
    labels: Object.fromEntries(Object.entries(group.labels).filter(([name]) => has(name))),
  }));
  const others = names.filter((name) => !known.has(name) && name !== 'duration');
  const labelled = (/** @type {string[]} */ list) => Object.fromEntries(list.map((name) => [name, name]));
  groups.push({
    title: 'Memory',
    note: '',
    labels: labelled(others.filter((n) => MEMORY.test(n))),
    exact: true,
    format: formatBytes,
  });
  groups.push({ title: 'More', note: '', labels: labelled(others.filter((n) => !MEMORY.test(n))) });
  return groups.filter((group) => Object.keys(group.labels).length > 0);
}

/** @param {Curves} content @param {string} name @returns {Curve} */
function curveNamed({ curves }, name) {
  const curve = curves[name];
  if (curve) return curve;
  const inverse = (/** @type {number | null} */ seconds) => (seconds ? 1 / seconds : null);
  const { mean, min, max } = curves['duration'] ?? { mean: [], min: [], max: [] };
  return { mean: mean.map(inverse), min: max.map(inverse), max: min.map(inverse) };
}
