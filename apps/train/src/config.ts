import { FUSION_LOSSES } from '@refusion/losses';
import { OUTER_UPDATES } from '@refusion/meta';
import { DEFAULT_CONFIG } from '@refusion/networks';
import { z } from 'zod';
import { ENGINE_NAMES } from './engine.js';

/** The tasks of image fusion, and what their sources a and b are. */
export const TASKS = {
  ivif: 'infrared and visible',
  mif: 'two medical modalities',
  mfif: 'near and far focus',
  meif: 'under- and over-exposed',
} as const;

export type LossName = keyof typeof FUSION_LOSSES;
export const LOSS_NAMES = Object.keys(FUSION_LOSSES) as LossName[];
const TASK_NAMES = Object.keys(TASKS) as (keyof typeof TASKS)[];
const MEANINGS = Object.entries(TASKS).map(([name, sources]) => `${name} (${sources})`);

// The message of a type is the end of the sentence "batch must be ...".
const whole = (least: number) => {
  const wanted = `a whole number of at least ${least}`;
  return z.int(wanted).min(least, wanted);
};
const positive = () => z.number('a number above 0').positive('a number above 0');
const notNegative = () => z.number('a number of at least 0').nonnegative('a number of at least 0');
const word = <W extends string>(words: readonly W[]) => z.enum(words, `one of ${words.join(', ')}`);
const folder = () => z.string('the name of a folder').min(1, 'the name of a folder');
const yesOrNo = () => z.boolean('true or false');
const orNull = <S extends z.ZodType>(schema: S) => z.union([schema, z.null()], { error: firstMessage });

const INTERVAL = 'a number of updates, or of minutes as in "10min"';

/** A union speaks with the message of its first member. */
function firstMessage({ errors }: { errors?: readonly { readonly message: string }[][] }): string {
  return errors?.[0]?.[0]?.message ?? 'another value';
}

const network = z.strictObject(
  {
    dim: whole(1).describe('channels of the networks'),
    blocks: whole(1).describe('transformer blocks in each part'),
    heads: whole(1).describe('attention heads; they must divide the channels'),
    ffn: positive().describe('expansion of the feed-forward parts'),
  },
  'a record of dim, blocks, heads, ffn',
);

/**
 * Everything that a training can be told: the one definition of the settings' types, of what is checked, of the flags
 * and of the schema for configuration files.
 */
export const CONFIG = z.strictObject({
  data: folder().describe('a folder with the folders of the two sources, or "synthetic"'),
  a: orNull(folder()).describe('the folder of source a in it: infrared, CT, near, under-exposed'),
  b: orNull(folder()).describe(
    'the folder of source b, pictures of the same names and sizes: visible, MRI, far, over-exposed',
  ),
  task: word(TASK_NAMES).describe(MEANINGS.join(', ')),
  scenes: whole(2).describe('synthetic scenes to draw'),
  engine: orNull(word(ENGINE_NAMES)).describe(
    `what computes: ${ENGINE_NAMES.join(', ')}; null: onnx where it is fast, else wasm`,
  ),
  workers: orNull(whole(1)).describe(
    'threads of the engine onnx over which the images of a batch are spread; they change no result; null: one for each core',
  ),
  seed: whole(0).describe('of everything random'),
  epochs: whole(1).describe('each has meta-steps and then fusion updates'),
  metaSteps: orNull(whole(0)).describe(
    'meta-steps in an epoch; null: once through the meta-train pairs, at most 600, and none for a fixed loss',
  ),
  fusionSteps: orNull(whole(0)).describe('fusion updates in an epoch; null: once through the pairs'),
  innerSteps: whole(1).describe('inner steps of a meta-step'),
  accumulate: whole(1).describe('meta-steps to an update of P'),
  batch: whole(1).describe('pairs in a batch'),
  crop: whole(8).describe('side of the square crops, in pixels'),
  symmetries: yesOrNo().describe('turn and mirror the crops at random'),
  exchange: yesOrNo().describe('also feed every pair with its sources exchanged, which doubles the batch'),
  split: word(['halves', 'alternate']).describe(
    'meta-train and meta-test pairs: halves, by a seeded shuffle; or alternate batches of one shuffled stream',
  ),
  lr: positive().describe('learning rate of F and R'),
  outerLr: orNull(positive()).describe('learning rate of P; null: that of F and R'),
  eta: orNull(positive()).describe('inner step size; null: the learning rate of the epoch'),
  decay: positive().describe('factor on the learning rates every decayEvery epochs'),
  decayEvery: whole(1).describe('epochs from one decay of the learning rates to the next'),
  outer: word(OUTER_UPDATES).describe(
    `how P is updated: ${OUTER_UPDATES.join(', ')}; normalised: by the gradient over its largest entry`,
  ),
  loss: word(LOSS_NAMES).describe(`the fusion loss: ${LOSS_NAMES.join(', ')}`),
  alphaF: z
    .union([notNegative(), z.literal('ramp')], 'a number of at least 0, or "ramp"')
    .describe("weight of the fusion loss's gradient part; ramp: from 1/epochs in the first epoch to 1"),
  alphaR: notNegative().describe("weight of the reconstruction loss's gradient part"),
  network,
  recompute: yesOrNo().describe(
    'make the intermediate values of the networks again instead of keeping them: half of the memory or less, a quarter more time, the same weights',
  ),
  checkpointEvery: z
    .union([whole(1), z.string(INTERVAL).regex(/^\d+(\.\d+)?min$/, INTERVAL)], INTERVAL)
    .describe('updates, or minutes as in 10min, between checkpoints; one is written after every epoch too'),
  keep: whole(1).describe('checkpoints to keep, the newest'),
  cache: notNegative().describe('MB of decoded pictures to keep in memory'),
});

/** A checked configuration; written to `config.json` as it is. */
export type TrainConfig = Readonly<z.output<typeof CONFIG>>;

/** What a user may leave out is what has a default; networks may be given in part. */
export type GivenConfig = Partial<Omit<TrainConfig, 'network'>> & {
  readonly network?: Partial<TrainConfig['network']>;
};

/** What holds where nobody says otherwise: hours on a CPU for networks of the authors' size. */
export const DEFAULTS = {
  a: null,
  b: null,
  task: 'ivif',
  scenes: 64,
  engine: null,
  workers: null,
  seed: 0,
  epochs: 10,
  metaSteps: null,
  fusionSteps: null,
  innerSteps: 1,
  accumulate: 2,
  batch: 2,
  crop: 64,
  symmetries: true,
  exchange: true,
  split: 'halves',
  lr: 1e-3,
  outerLr: 3e-4,
  eta: null,
  decay: 0.1,
  decayEvery: 10,
  outer: 'normalised',
  loss: 'learnable',
  alphaF: 1,
  alphaR: 1,
  network: DEFAULT_CONFIG,
  recompute: false,
  checkpointEvery: '10min',
  keep: 3,
  cache: 1024,
} as const satisfies Omit<TrainConfig, 'data'>;

/** Named sets of settings. */
export const PRESETS = {
  /** The authors' settings, everywhere. */
  paper: {
    epochs: 50,
    metaSteps: null,
    fusionSteps: null,
    innerSteps: 1,
    accumulate: 2,
    batch: 2,
    crop: 128,
    symmetries: true,
    exchange: true,
    split: 'halves',
    lr: 1e-4,
    outerLr: null,
    eta: null,
    decay: 0.1,
    decayEvery: 10,
    outer: 'normalised',
    loss: 'learnable',
    alphaF: 'ramp',
    alphaR: 1,
    network: DEFAULT_CONFIG,
  },
  /**
   * Something useful in an hour on two cores: networks of half the authors' depth, 640 meta-steps and 3,200 fusion
   * updates, P moving so little that its maps do not saturate.
   */
  small: {
    epochs: 8,
    metaSteps: 80,
    fusionSteps: 400,
    innerSteps: 1,
    accumulate: 2,
    batch: 2,
    crop: 64,
    symmetries: true,
    exchange: true,
    lr: 1e-3,
    outerLr: 3e-4,
    decay: 0.3,
    decayEvery: 4,
    outer: 'normalised',
    loss: 'learnable',
    alphaF: 1,
    network: { dim: 16, blocks: 1, heads: 8, ffn: 2 },
  },
} as const satisfies Readonly<Record<string, GivenConfig>>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

/** The weight of the fusion loss's gradient part in an epoch, counted from 0. */
export function alphaOf(config: TrainConfig, epoch: number): number {
  return config.alphaF === 'ramp' ? (epoch + 1) / config.epochs : config.alphaF;
}
