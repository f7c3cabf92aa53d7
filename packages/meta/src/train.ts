import type { Engine } from '@refusion/autodiff';
import type { HostBatch } from './host-batch.js';
import type { Learner } from './learner.js';
import type { LossValues } from './loss-values.js';
import { rateOf, type TrainingSettings } from './settings.js';
import type { TrainingState } from './training-state.js';
import { fusionStep, metaStep, proposalUpdate } from './training-steps.js';

/** What is learned, and from what; `Name` as in `Learner`. */
export interface TrainingTask<Name extends string = never> {
  /** The learner of an epoch, counted from 0: losses may change with it, as the weight alpha_f does. */
  learnerAt(epoch: number): Learner<Name>;
  /** The next batch of each set. */
  readonly batches: {
    metaTrain(): Promise<HostBatch<NoInfer<Name>>>;
    metaTest(): Promise<HostBatch<NoInfer<Name>>>;
    fusionTrain(): Promise<HostBatch<NoInfer<Name>>>;
  };
}

interface Position {
  /** Counted from 0. */
  readonly epoch: number;
  /** Within this phase of the epoch, counted from 0. */
  readonly step: number;
  /** The learning rate of the epoch. */
  readonly rate: number;
  /** The state after the step. Its tensors are freed when the next event is asked for. */
  readonly state: TrainingState;
}

/** What happened. */
export type TrainingEvent =
  | (Position & {
      readonly type: 'meta-step';
      /** L_f and the objective on the last meta-train batch, before its inner update. */
      readonly fusion: LossValues;
      readonly objective: LossValues;
      /** The objective on the meta-test batch, after the inner updates. */
      readonly outer: LossValues;
    })
  | (Position & {
      readonly type: 'fusion-update';
      readonly fusion: LossValues;
      readonly objective: LossValues;
    })
  | (Omit<Position, 'step'> & { readonly type: 'epoch-end' });

/**
 * ReFusion's training as a stream of events: every epoch has meta-steps, which teach P, and then fusion updates,
 * which teach F and the objective's network. The caller watches and writes, and stops by leaving the loop. The
 * parameters that it starts from are freed as they are replaced; the state of the last event is the caller's.
 *
 * @throws RefusionError if a loss is not a finite number any more; the state of the last event is then still good
 * @see ReFusion (Bai et al., IJCV 2024): the alternating training
 * @example
 * for await (const event of train(engine, task, settings, initialState(engine.ops, theta))) {
 *   if (event.type === 'meta-step') report(event.outer.total);
 * }
 */
export async function* train<Name extends string = never>(
  engine: Engine,
  task: TrainingTask<Name>,
  settings: TrainingSettings,
  start: TrainingState,
): AsyncGenerator<TrainingEvent, void> {
  let state = start;
  for (let epoch = 0; epoch < settings.epochs; epoch++) {
    const learner = task.learnerAt(epoch);
    const rate = rateOf(settings, epoch);
    for (let step = 0; step < settings.metaSteps; step++) {
      const metaTrain = await batchesOf(settings.innerSteps, task.batches.metaTrain);
      const metaTest = await task.batches.metaTest();
      const where = placeOf(epoch, step);
      const result = await metaStep(engine, learner, settings, rate, state, metaTrain, metaTest, where);
      state = result.state;
      yield { type: 'meta-step', epoch, step, rate, state, ...result.losses };
    }
    // An odd number of meta-steps leaves a gradient over; it must not wait for the next epoch's learning rate.
    state = proposalUpdate(engine, settings, rate, state);
    for (let step = 0; step < settings.fusionSteps; step++) {
      const batch = await task.batches.fusionTrain();
      const result = await fusionStep(engine, learner, rate, state, batch, placeOf(epoch, step));
      state = result.state;
      yield { type: 'fusion-update', epoch, step, rate, state, ...result.losses };
    }
    yield { type: 'epoch-end', epoch, rate, state };
  }
}

/** As people count. */
function placeOf(epoch: number, step: number): string {
  return `epoch ${epoch + 1}, step ${step + 1}`;
}

async function batchesOf(count: number, next: () => Promise<HostBatch>): Promise<HostBatch[]> {
  const batches: HostBatch[] = [];
  for (let k = 0; k < count; k++) batches.push(await next());
  return batches;
}
