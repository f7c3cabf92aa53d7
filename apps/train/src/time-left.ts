import type { TrainingEvent, TrainingPosition, TrainingSettings } from '@refusion/meta';

/** Foretells how long a training takes: its two kinds of updates take different times. */
export class TimeLeft {
  private readonly spent = { meta: { count: 0, seconds: 0 }, fusion: { count: 0, seconds: 0 } };
  private readonly settings: TrainingSettings;
  private last: number;

  /** @param now in seconds, as in `add` */
  constructor(settings: TrainingSettings, now: number) {
    this.settings = settings;
    this.last = now;
  }

  /** An update is done; returns the seconds that the others will take. */
  add(event: TrainingEvent, now: number): number {
    const kind = this.spent[event.type === 'meta-step' ? 'meta' : 'fusion'];
    if (event.type !== 'epoch-end') kind.count++;
    kind.seconds += now - this.last;
    this.last = now;
    const { meta, fusion } = remaining(event.state.position, this.settings);
    return meta * this.mean('meta') + fusion * this.mean('fusion');
  }

  /** The seconds of one update; of a kind that has not come yet, those of the other. */
  private mean(kind: 'meta' | 'fusion'): number {
    const { count, seconds } = this.spent[kind];
    if (count > 0) return seconds / count;
    const other = this.spent[kind === 'meta' ? 'fusion' : 'meta'];
    return other.count > 0 ? other.seconds / other.count : 0;
  }
}

/** The updates of each kind that are still to come. */
function remaining(
  { epoch, phase, step }: TrainingPosition,
  { epochs, metaSteps, fusionSteps }: TrainingSettings,
): { meta: number; fusion: number } {
  const later = Math.max(0, epochs - epoch - 1);
  const here = epoch < epochs ? 1 : 0;
  return {
    meta: later * metaSteps + here * (phase === 'meta' ? metaSteps - step : 0),
    fusion: later * fusionSteps + here * (fusionSteps - (phase === 'fusion' ? step : 0)),
  };
}
