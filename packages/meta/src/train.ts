import type { Engine } from '@refusion/autodiff';
import { expectLearner } from './expect-learner.js';
import { expectFunctions } from './expect-parts.js';
import type { HostBatch } from './host-batch.js';
import type { Learner } from './learner.js';
import type { LossValues } from './loss-values.js';
import { rateOf, type TrainingSettings, trainingSettings } from './settings.js';
import { restoreStreams, streamStates, type TrainingStream, type TrainingStreams } from './stream.js';
import {
  expectPosition,
  expectState,
  type Phase,
  type TrainingPosition,
  type TrainingState,
} from './training-state.js';
import { fusionStep, metaStep, type StepContext } from './training-steps.js';

/** What is learned, and from what; `Name` as in `Learner`. */
export interface TrainingTask<Name extends string = never> {
  /** The learner of an epoch, counted from 0. Where a number alone changes, as alpha_f does: `scheduledLearner`. */
  learnerAt(epoch: number): Learner<Name>;
  /** The batches of each set. */
  readonly batches: TrainingStreams<NoInfer<Name>>;
}

interface Happening {
  /** Counted from 0. */
  readonly epoch: number;
  /** Within this phase of the epoch, counted from 0. */
  readonly step: number;
  /** The learning rate of the epoch. */
  readonly rate: number;
  /**
   * The state after the step; a training that starts from it goes on exactly as this one does. Its tensors are freed
   * when the next event is asked for.
   */
  readonly state: TrainingState;
}

/** What happened. */
export type TrainingEvent =
  | (Happening & {
      readonly type: 'meta-step';
      /** L_f and the objective on the last meta-train batch, before its inner update. */
      readonly fusion: LossValues;
      readonly objective: LossValues;
      /** The objective on the meta-test batch, after the inner updates. */
      readonly outer: LossValues;
    })
  | (Happening & {
      readonly type: 'fusion-update';
      readonly fusion: LossValues;
      readonly objective: LossValues;
    })
  | (Omit<Happening, 'step'> & { readonly type: 'epoch-end' });

/**
 * ReFusion's training as a stream of events: every epoch has meta-steps, which teach P, and then fusion updates,
 * which teach F and the objective's network. The caller watches and writes, and stops by leaving the loop. The
 * parameters that it starts from are freed as they are replaced; the state of the last event is the caller's.
 *
 * It starts wherever the state says: from `initialState` at the beginning, from a state of an earlier event in the
 * middle, and gives the events that would have come next.
 *
 * @throws OptionError if the engine, the task, the settings or the state are none, the settings have no such position,
 * or a stream no such state
 * @throws OptionError or ShapeError if the learner returns what it should not: losses are scalars, proposals records
 * @throws DivergedError if a loss or a gradient is not finite any more. The state of the last event is then still
 * good, as it is when a stream fails.
 * @see ReFusion (Bai et al., IJCV 2024): the alternating training
 * @example
 * for await (const event of train(engine, task, settings, initialState(engine.ops, theta))) {
 *   if (event.type === 'meta-step') report(event.outer.total);
 * }
 */
export async function* train<Name extends string = never>(
  engine: Engine,
  { learnerAt, batches }: TrainingTask<Name>,
  settings: TrainingSettings,
  start: TrainingState,
): AsyncGenerator<TrainingEvent, void> {
  expectEngine(engine);
  expectTask({ learnerAt, batches });
  trainingSettings(settings);
  expectState(start);
  expectPosition(start.position, settings);
  if (start.streams) restoreStreams(batches, start.streams);
  let state = start;
  const at = (position: TrainingPosition): Pick<TrainingState, 'position' | 'streams'> => ({
    position,
    streams: streamStates(batches),
  });
  for (let { epoch } = start.position; epoch < settings.epochs; epoch++) {
    const rate = rateOf(settings, epoch);
    const learner = learnerAt(epoch);
    expectLearner('train', learner);
    const context: StepContext = { engine, learner, settings, rate, epoch };
    for (let step = firstStep(start.position, epoch, 'meta', settings); step < settings.metaSteps; step++) {
      const metaTrain = await batchesOf(settings.innerSteps, batches.metaTrain);
      const metaTest = await batches.metaTest.next();
      const result = await metaStep(context, step, state, metaTrain, metaTest);
      state = { ...result.state, ...at({ epoch, phase: 'meta', step: step + 1 }) };
      yield { type: 'meta-step', epoch, step, rate, state, ...result.losses };
    }
    for (
      let step = firstStep(start.position, epoch, 'fusion', settings);
      step < settings.fusionSteps;
      step++
    ) {
      const result = await fusionStep(context, step, state, await batches.fusionTrain.next());
      state = { ...result.state, ...at({ epoch, phase: 'fusion', step: step + 1 }) };
      yield { type: 'fusion-update', epoch, step, rate, state, ...result.losses };
    }
    state = { ...state, ...at({ epoch: epoch + 1, phase: 'meta', step: 0 }) };
    yield { type: 'epoch-end', epoch, rate, state };
  }
}

function expectEngine(engine: Engine): void {
  expectFunctions('train', 'engine', engine, ['read', 'release']);
}

function expectTask({ learnerAt, batches }: TrainingTask): void {
  expectFunctions('train', 'task', { learnerAt }, ['learnerAt']);
  for (const set of ['metaTrain', 'metaTest', 'fusionTrain'] as const) {
    expectFunctions('train', `task.batches.${set}`, batches?.[set], ['next', 'state', 'restore']);
  }
}

/** Where a phase begins: at its first step, but in the epoch that the training starts in the middle of. */
function firstStep(start: TrainingPosition, epoch: number, phase: Phase, settings: TrainingSettings): number {
  if (epoch > start.epoch) return 0;
  if (phase === start.phase) return start.step;
  return phase === 'meta' ? settings.metaSteps : 0;
}

async function batchesOf(count: number, stream: TrainingStream): Promise<HostBatch[]> {
  const batches: HostBatch[] = [];
  for (let k = 0; k < count; k++) batches.push(await stream.next());
  return batches;
}
