import type { Fuse } from '@refusion/pipeline';
import type { Showing } from './fuse-pairs.js';
import type { MemoryBudget } from './memory.js';
import type { TaskName } from './tasks.js';

/** What is to be done with the network; gives what the report tells. */
export type Job = (
  tools: Omit<Showing, 'out'> & {
    readonly fuse: Fuse;
    readonly task: TaskName | null;
    readonly budget: MemoryBudget;
  },
) => Promise<object>;
