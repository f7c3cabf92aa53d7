import { toJson } from '../json.js';
import { type Results, STATISTICS } from './results.js';

/** What the file says it is. */
export const FORMAT = 'refusion-bench results';

/** Raised when a reader of the former version would misread the file. */
export const VERSION = 1;

/** Results as a JSON file: `{ format, version, statistics, convention, metrics, dataSets }`. */
export function resultsText(results: Results): string {
  const file = { format: FORMAT, version: VERSION, statistics: STATISTICS, ...results };
  return toJson(file, 1);
}
