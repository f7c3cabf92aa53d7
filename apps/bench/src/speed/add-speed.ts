import { choice, wholeNumber } from '@refusion/cli';
import { KERNEL_CHOICES } from '@refusion/tf/names';
import { VERIFIABLE } from '../engine-names.js';
import { examples, networkWidth, type Program, type Surroundings } from '../options.js';
import type { SpeedCommandOptions } from './command.js';

/** Adds the command `speed`. */
export function addSpeed(program: Program, { streams, exit }: Surroundings): void {
  const atLeastOne = (option: string) => wholeNumber(option, { atLeast: 1 });
  program
    .command('speed')
    .summary('time an engine')
    .description(
      'Times an engine: the median seconds of a meta-step, of a fusion update and of fusing one 480x640 pair, with networks of full size. Run it alone on the machine.',
    )
    .option(
      '--engine <name>',
      `${VERIFIABLE.join(', ')} (default: onnx where it is fast, else wasm)`,
      choice('--engine', VERIFIABLE),
    )
    .option('--batch <n>', 'pairs in a training batch', atLeastOne('--batch'), 4)
    .option('--size <n>', 'height and width of a training image', atLeastOne('--size'), 128)
    .option('--dim <n>', "the networks' width, a multiple of 8 (default: 16)", networkWidth)
    .option('--blocks <n>', 'blocks in each stage (default: 2)', atLeastOne('--blocks'))
    .option('--runs <n>', 'timed repetitions in a row, after one that is not timed', atLeastOne('--runs'), 5)
    .option('--rounds <n>', 'how often all is timed (default: 1; 3 with --against)', atLeastOne('--rounds'))
    .option(
      '--workers <n>',
      'threads over which onnx spreads the images of a batch (default: all cores)',
      atLeastOne('--workers'),
    )
    .option(
      '--threads <n>',
      'threads of tensorflow, and of onnx where it fuses (default: all cores)',
      atLeastOne('--threads'),
    )
    .option(
      '--kernels <name>',
      `on wasm, whose kernels: ${KERNEL_CHOICES.join(', ')}`,
      choice('--kernels', KERNEL_CHOICES),
      KERNEL_CHOICES[0],
    )
    .option(
      '--against <command>',
      'another program that prints such times as its last line, in JSON; run after every round',
    )
    .option('--json', 'print one line of JSON')
    .option('--quiet', 'print nothing but the result')
    .addHelpText(
      'after',
      examples([
        'refusion-bench speed --json',
        'refusion-bench speed --batch 2 --size 64 --kernels stock',
        'refusion-bench speed --runs 5 --against "python3 bench.py --runs 5"',
      ]),
    )
    .action(async (options: SpeedCommandOptions) => {
      // The engines take a while to load.
      const { runSpeed } = await import('./command.js');
      exit(await runSpeed(options, streams));
    });
}
