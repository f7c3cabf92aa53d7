// Among the sources, what a scorer's threads run: Node 20 does not give threads the loader of `--import tsx`
// (privatenumber/tsx issue 354).
import { register } from 'tsx/esm/api';

register();
export const { scoreJob } = await import('./score-worker.js');
