import { choice, nameAndPath } from '@refusion/cli';
import { ENGINES } from '../engine-names.js';
import { addScoring, examples, type Program, type Surroundings } from '../options.js';
import type { RunOptions } from './command.js';
import { namedWeights } from './named-weights.js';
import { TONES } from './tones.js';

const RUN_EXAMPLES = examples([
  'refusion-bench run --weights ours.safetensors --weights theirs=ReFusion_IVIF.pth --a ir --b vi --out results',
  'refusion-bench run --weights other=model.onnx --data pictures/test --a ir --b vi --out results --metrics EN,VIF',
  'refusion-bench run --weights ours.safetensors --config table.yaml --out results --stats',
]);

/** Adds the command `run`. */
export function addRun(program: Program, { streams, exit }: Surroundings): void {
  const run = program
    .command('run')
    .summary('fuse by models and score, in one go')
    .description(
      'Fuses pairs by any number of models and scores the pictures as metrics does: the table goes to stdout, and to --out the fused pictures and the scores as JSON, CSV, Markdown and LaTeX. What a model has fused before is not fused again, as long as its file, the sources and the tone are the same.',
    )
    .requiredOption(
      '--weights <[NAME=]file>',
      'a model and its name: weights of a ReFusion network (.safetensors, .pth), or any ONNX model of two gray pictures (.onnx); once for each',
      namedWeights,
    )
    .option('--a <folder>', 'the first sources, in the order that the models were trained with')
    .option('--b <folder>', 'the second sources')
    .option('--truth <folder>', 'what fusion should have given, for PSNR-R, SSIM-R and MAE-R')
    .option('--data <folder>', 'the folder that those three are in')
    .option(
      '--fused <NAME=folder>',
      'further methods, whose pictures are there; once for each',
      nameAndPath('--fused'),
    )
    .option('--config <file>', 'data sets and further methods, as of metrics, in place of the five above')
    .requiredOption('--out <folder>', 'where pictures and scores go')
    .option(
      '--tone <tone>',
      "from a model's output to a picture: stretch its own extremes to 0..255, or clip it",
      choice('--tone', TONES),
      TONES[0],
    )
    .option('--color', "put the sources' colour back; scores are then those of the pictures' luminance")
    .option(
      '--engine <name>',
      `what computes .safetensors and .pth: ${ENGINES.join(', ')} (default: onnx, or wasm where that does not load)`,
      choice('--engine', ENGINES),
    );
  addScoring(run)
    .addHelpText('after', RUN_EXAMPLES)
    .action(async (options: RunOptions) => {
      // The networks and their runtimes take a while to load, and few other commands need them.
      const { runRun } = await import('./command.js');
      exit(await runRun(options, streams));
    });
}
