import { wholeNumber } from '@refusion/cli';
import { examples, networkWidth, type Program, type Surroundings } from '../options.js';
import type { CostOptions } from './command.js';

/** Adds the command `cost`. */
export function addCost(program: Program, { streams, exit }: Surroundings): void {
  const atLeastOne = (option: string) => wholeNumber(option, { atLeast: 1 });
  program
    .command('cost')
    .summary('count the operations and bytes of training')
    .description(
      'Counts what `speed` times: the additions and multiplications in convolutions and products, the numbers that other operations compute, and the bytes that go in and out of operations.',
    )
    .option('--batch <n>', 'pairs in a training batch', atLeastOne('--batch'), 4)
    .option('--size <n>', 'height and width of a training image', atLeastOne('--size'), 128)
    .option('--dim <n>', "the networks' width, a multiple of 8 (default: 16)", networkWidth)
    .option('--blocks <n>', 'blocks in each stage (default: 2)', atLeastOne('--blocks'))
    .option('--json', 'print one line of JSON')
    .addHelpText('after', examples(['refusion-bench cost --batch 2 --size 64']))
    .action(async (options: CostOptions) => {
      // The engines take a while to load.
      const { runCost } = await import('./command.js');
      exit(await runCost(options, streams));
    });
}
