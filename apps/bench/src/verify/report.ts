import { formatTable } from '@refusion/cli';
import type { Availability } from './load-engines.js';
import type { Verdict } from './verify.js';

const HEAD = ['group', 'worst relative L2 error', 'of the tensor', 'tolerance', 'verdict'];

/** A verdict for people. */
export function verdictText({ file, engine, groups, notRecomputed, ok }: Verdict): string {
  const rows = groups.map((it) => [
    it.group,
    scientific(it.error),
    it.tensor,
    it.tolerance.toExponential(),
    it.ok ? 'ok' : 'FAIL',
  ]);
  const table = formatTable(HEAD, rows, { align: ['left', 'right', 'left', 'right'] });
  // Quoted, for these names are the file's own.
  const missing = notRecomputed.map((name) => `FAIL: not recomputed: ${JSON.stringify(name)}\n`).join('');
  const verdict = ok ? 'ok' : 'FAIL';
  return `${file} on the engine ${engine}\n${table}\n${missing}${verdict}\n`;
}

function scientific(error: number): string {
  return Number.isFinite(error) ? error.toExponential(1) : String(error);
}

/** Which engines load here, for people; nothing where there is nothing to say of the one that was asked for. */
export function availabilityText(availability: readonly Availability[]): string {
  if (availability.length === 1 && !availability[0]?.remark) return '';
  const rows = availability.map(({ engine, loaded, remark = '' }) => [engine, loaded ? 'yes' : 'no', remark]);
  return `${formatTable(['engine', 'loaded', ''], rows)}\n`;
}
