import type { Arrays } from './places.js';
import type { Job, Lane } from './sessions.js';

/** A lane that may break down. */
export interface PoolLane extends Lane {
  /** Whether it can do no job any more. */
  readonly ended: boolean;
}

/**
 * Several lanes side by side: a job goes to the first that is free, in the order in which jobs come. A lane begins when a
 * job finds none free, so that there are never more than jobs; another takes the place of one that has ended.
 */
export class Pool implements Lane {
  private readonly lanes = new Set<PoolLane>();
  private readonly free: PoolLane[] = [];
  private readonly queue: ((lane: PoolLane) => void)[] = [];
  private readonly jobs = new Set<Promise<unknown>>();

  /** @param most lanes, each made by `begin` */
  constructor(
    private readonly most: number,
    private readonly begin: () => PoolLane,
  ) {}

  /** How many lanes there are. */
  get size(): number {
    return this.lanes.size;
  }

  run(job: Job): Promise<Arrays> {
    const run = this.runOnLane(job);
    this.jobs.add(run);
    const forget = (): unknown => this.jobs.delete(run);
    run.then(forget, forget);
    return run;
  }

  async close(): Promise<void> {
    await Promise.allSettled(this.jobs);
    await Promise.all([...this.lanes].map((lane) => lane.close()));
  }

  private async runOnLane(job: Job): Promise<Arrays> {
    const lane = await this.freeLane();
    try {
      return await lane.run(job);
    } finally {
      this.handOn(lane);
    }
  }

  private freeLane(): PoolLane | Promise<PoolLane> {
    const lane = this.free.shift();
    if (lane && !lane.ended) return lane;
    if (lane) this.lanes.delete(lane);
    if (this.lanes.size < this.most) return this.another();
    return new Promise((begin) => this.queue.push(begin));
  }

  private another(): PoolLane {
    const lane = this.begin();
    this.lanes.add(lane);
    return lane;
  }

  private handOn(lane: PoolLane): void {
    if (lane.ended) this.lanes.delete(lane);
    const begin = this.queue.shift();
    if (begin) begin(lane.ended ? this.another() : lane);
    else if (!lane.ended) this.free.push(lane);
  }
}
