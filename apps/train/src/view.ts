import type { TrainingState } from '@refusion/meta';
import type { FixedPair } from './batches.js';
import type { TrainingObserver } from './observer.js';
import { openPreview, type PreviewOptions } from './preview/preview.js';
import { openWatch } from './watch/open-watch.js';

/** How a training can be looked at. */
export interface ViewOptions {
  /** Updates between two snapshots of the fixed pair; 0 for none at all. */
  readonly every: number;
  /** The fixed pair's name; null: the first of the meta-test half. */
  readonly pair: string | null;
  /** Serve a page at this port, null for the usual one; or do not serve. */
  readonly watch: { readonly port: number | null } | null;
}

/**
 * Opens the run's `view` folder and, if asked to, the page.
 * @throws FileError if the folder cannot be made; OptionError if the page cannot be served
 */
export async function openView(
  run: string,
  { every, watch }: ViewOptions,
  fixed: FixedPair,
  start: TrainingState,
  options: Omit<PreviewOptions, 'every'>,
): Promise<TrainingObserver> {
  const preview = every > 0 ? await openPreview(run, fixed, start, { ...options, every }) : null;
  const page = watch ? await openWatch(run, watch.port) : null;
  if (page) options.warn(`watch: ${page.url}`);
  return {
    event: async (event) => preview?.observe(event),
    close: () => page?.close(),
  };
}
