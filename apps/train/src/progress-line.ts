import type { Progress } from '@refusion/cli';
import type { TrainingEvent, TrainingSettings } from '@refusion/meta';
import type { EventExtras, TrainingObserver } from './observer.js';
import { TimeLeft } from './time-left.js';

/** Shows every update beside the bar: where it is, the losses, the memory; and how long the rest will take. */
export function progressLine(bar: Progress, settings: TrainingSettings, seconds: number): TrainingObserver {
  const left = new TimeLeft(settings, seconds);
  return {
    event: (event, extras) => {
      const secondsLeft = left.add(event, extras.seconds);
      if (event.type !== 'epoch-end') bar.step(describe(event, extras, settings.epochs), secondsLeft);
    },
  };
}

function describe(
  event: Exclude<TrainingEvent, { type: 'epoch-end' }>,
  { memory, tensors }: EventExtras,
  epochs: number,
): string {
  const losses =
    event.type === 'meta-step'
      ? { fusion: event.fusion.total, outer: event.outer.total }
      : { ...event.fusion, fusion: event.fusion.total, reconstruction: event.objective.total };
  const { total: _fusion, ...terms } = losses as Record<string, number>;
  const words = Object.entries(terms).map(([name, value]) => `${name} ${value.toPrecision(4)}`);
  const where = `epoch ${event.epoch + 1}/${epochs} ${event.type}`;
  return `${where}: ${words.join(' ')}, ${Math.round(memory / 1e6)} MB, ${tensors} tensors`;
}
