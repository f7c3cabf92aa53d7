import type { Arrays } from './places.js';
import type { Job, Lane } from './sessions.js';

/** Several lanes side by side: a job goes to the first that is free, in the order in which jobs come. */
export class Pool implements Lane {
  private readonly free: Lane[];
  private readonly queue: ((lane: Lane) => void)[] = [];

  constructor(private readonly lanes: readonly Lane[]) {
    this.free = [...lanes];
  }

  async run(job: Job): Promise<Arrays> {
    const lane = this.free.shift() ?? (await new Promise<Lane>((begin) => this.queue.push(begin)));
    try {
      return await lane.run(job);
    } finally {
      const begin = this.queue.shift();
      if (begin) begin(lane);
      else this.free.push(lane);
    }
  }

  async close(): Promise<void> {
    await Promise.all(this.lanes.map((lane) => lane.close()));
  }
}
