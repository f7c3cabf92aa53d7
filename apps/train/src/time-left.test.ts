import { type TrainingEvent, type TrainingPosition, trainingSettings } from '@refusion/meta';
import { expect, it } from 'vitest';
import { TimeLeft } from './time-left.js';

const event = (type: TrainingEvent['type'], position: TrainingPosition): TrainingEvent =>
  ({ type, state: { position } }) as TrainingEvent;

it('weighs each kind of update by its own time', () => {
  const left = new TimeLeft(trainingSettings({ epochs: 2, metaSteps: 2, fusionSteps: 3 }), 100);
  // A meta-step takes 10 s; of a fusion update nothing is known yet: 3 + 6 updates of 10 s are left.
  expect(left.add(event('meta-step', { epoch: 0, phase: 'meta', step: 1 }), 110)).toBe(90);
  expect(left.add(event('meta-step', { epoch: 0, phase: 'meta', step: 2 }), 120)).toBe(80);
  // A fusion update takes 1 s: 2 more of them here, then 2 meta-steps and 3 fusion updates.
  expect(left.add(event('fusion-update', { epoch: 0, phase: 'fusion', step: 1 }), 121)).toBe(25);
  expect(left.add(event('epoch-end', { epoch: 1, phase: 'meta', step: 0 }), 121)).toBe(23);
  expect(left.add(event('epoch-end', { epoch: 2, phase: 'meta', step: 0 }), 121)).toBe(0);
});
