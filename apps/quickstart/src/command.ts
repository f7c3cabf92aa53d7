import { createRequire } from 'node:module';
import { join, resolve } from 'node:path';
import { createProgram, prepareOutputFolder, wholeNumber } from '@refusion/cli';
import { lossCurves } from './curves.js';
import { writeOverview } from './overview.js';
import { PLAN, type Places, placesBelow } from './plan.js';
import { writeReport } from './report.js';
import { runApp } from './run-app.js';
import { writeScenes } from './scenes.js';
import type { Scores } from './scores.js';
import { weightMaps } from './weight-maps.js';

const { version } = createRequire(import.meta.url)('../package.json') as { readonly version: string };

interface Options {
  readonly out: string;
  readonly seed: number;
}

/** The command line of the quickstart. */
export function quickstartProgram() {
  return createProgram({
    name: 'quickstart',
    description: `Trains, fuses and scores in a few minutes, with no data and no network: meta-trains a small configuration on
synthetic infrared and visible scenes, fuses unseen ones, scores them beside the pixel average and the pixel
maximum, and writes a report. Runs the apps train, fuse and bench as a user would.`,
    version,
    examples: ['npm run quickstart', 'npm run quickstart -- --out somewhere --seed 3'],
  })
    .option('--out <folder>', 'for the report and everything it is made from', 'quickstart-report')
    .option('--seed <n>', 'of the training', wholeNumber('--seed', { atLeast: 0 }), PLAN.seed)
    .action(quickstart);
}

async function quickstart({ out, seed }: Options): Promise<void> {
  const started = performance.now();
  await prepareOutputFolder(out);
  const places = placesBelow(out);
  const scenes = await writeScenes(places);
  const commands = { train: trainArgs(places, seed), fuse: fuseArgs(places), bench: benchArgs(places) };
  process.stdout.write(await runApp('train', commands.train));
  process.stdout.write(await runApp('fuse', commands.fuse));
  process.stdout.write(await runApp('bench', commands.bench));
  const scores = JSON.parse(
    await runApp('bench', [...commands.bench, '--format', 'json', '--quiet']),
  ) as Scores;
  const maps = await weightMaps(join(places.run, 'proposal.safetensors'), scenes);
  await writeOverview(places, scenes, maps);
  await writeReport(places, {
    scenes,
    maps,
    scores,
    curves: await lossCurves(join(places.run, 'log.jsonl')),
    commands: Object.entries(commands).map(([app, args]) => `npm run ${app} -- ${args.join(' ')}`),
    seconds: (performance.now() - started) / 1000,
  });
  process.stdout.write(`\nThe report: ${resolve(places.report)}\n`);
}

function trainArgs({ run }: Places, seed: number): string[] {
  const { network, epochs, metaSteps, fusionSteps, batch, crop, scenes, lr, outerLr } = PLAN;
  const numbers = {
    epochs,
    'meta-steps': metaSteps,
    'fusion-steps': fusionSteps,
    batch,
    crop,
    scenes,
    lr,
    'outer-lr': outerLr,
    ...network,
    seed,
  };
  const options = Object.entries(numbers).flatMap(([name, value]) => [`--${name}`, String(value)]);
  // Streets are not to be turned upside down: so few updates learn more from them as they are.
  return [
    '--data',
    'synthetic',
    '--task',
    'ivif',
    '--no-symmetries',
    '--out',
    run,
    '--overwrite',
    ...options,
  ];
}

function fuseArgs({ run, a, b, fused }: Places): string[] {
  return ['--weights', join(run, 'fusion.safetensors'), '--a', a, '--b', b, '--out', fused];
}

function benchArgs({ a, b, fused, average, maximum }: Places): string[] {
  const methods = { ReFusion: fused, average, maximum };
  const named = Object.entries(methods).flatMap(([name, folder]) => ['--fused', `${name}=${folder}`]);
  return ['metrics', '--a', a, '--b', b, ...named, '--metrics', 'EN,SD,SF,AG,SCD,SSIM'];
}
