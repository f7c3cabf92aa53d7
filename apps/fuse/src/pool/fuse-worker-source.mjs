// Among the sources, what the threads of a pool run: Node 20 does not give threads the loader of `--import tsx`
// (privatenumber/tsx issue 354).
import { register } from 'tsx/esm/api';

register();
export const { fuseJob } = await import('./fuse-worker.js');
