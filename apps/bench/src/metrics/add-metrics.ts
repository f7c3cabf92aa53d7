import { nameAndPath } from '@refusion/cli';
import { addScoreFiles, addScoring, examples, type Program, type Surroundings } from '../options.js';
import type { MetricsOptions } from './command.js';

const METRICS_EXAMPLES = examples([
  'refusion-bench metrics --a ir --b vi --fused ours=fused --fused average=average --stats',
  'refusion-bench metrics --a ir --b vi --fused ours=fused --metrics EN,SSIM --per-image',
  'refusion-bench metrics --config table.yaml --out table.tex --out scores.json',
  'refusion-bench metrics --config table.yaml --resume scores.jsonl --workers 4',
]);

/** Adds the command `metrics`. */
export function addMetrics(program: Program, { streams, exit }: Surroundings): void {
  const metrics = program
    .command('metrics')
    .summary('score fused images against their sources')
    .description(
      'Scores fused images against their sources: a row of means for each method, or all that is known as JSON. Pictures with the same name, but for the extension, belong together. Colour is scored by its rounded luminance. A method that lacks a picture is named and left out, and the exit code is 2.',
    )
    .option('--a <folder>', 'the first sources')
    .option('--b <folder>', 'the second sources')
    .option(
      '--fused <NAME=folder>',
      'the fused images of a method and its name in the table; once for each method',
      nameAndPath('--fused'),
    )
    .option('--truth <folder>', 'what fusion should have given, for PSNR-R, SSIM-R and MAE-R')
    .option('--config <file>', 'data sets and methods, in YAML or JSON, in place of the four above');
  addScoreFiles(addScoring(metrics))
    .addHelpText('after', METRICS_EXAMPLES)
    .action(async (options: MetricsOptions) => {
      // What reads and scores takes a while to load, which a help text should not.
      const { runMetrics } = await import('./command.js');
      exit(await runMetrics(options, streams));
    });
}
