import type { Fuse } from '@refusion/pipeline';
import type { EngineName } from './engines.js';
import type { Showing } from './fuse-pairs.js';
import type { TaskName } from './tasks.js';

/** What is to be done with the network; gives what the report tells. */
export type Job = (
  tools: Omit<Showing, 'out'> & {
    readonly fuse: Fuse;
    readonly task: TaskName | null;
    /** The most that the process may take, in bytes. */
    readonly most: number;
    /** The name of what computes. */
    readonly engine: EngineName;
  },
) => Promise<object>;
