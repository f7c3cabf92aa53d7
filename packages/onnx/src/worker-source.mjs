// Among the sources, what the engine's worker threads run: Node 20 does not give threads the loader of `--import tsx`
// (privatenumber/tsx issue 354).
import { register } from 'tsx/esm/api';

register();
await import('./worker.js');
