import { choice } from '@refusion/cli';
import { ENGINE_CHOICES } from '../engine-names.js';
import { examples, type Program, type Surroundings } from '../options.js';
import type { VerifyOptions } from './command.js';

/** Adds the command `verify`. */
export function addVerify(program: Program, { streams, exit }: Surroundings): void {
  program
    .command('verify')
    .summary('verify engines number by number')
    .description(
      'Recomputes golden meta-steps and prints, for each group of tensors, the worst relative L2 error. The exit code is 1 if an error is above its tolerance or a tensor of a file was not recomputed.',
    )
    .argument('[files...]', 'golden files, .safetensors (default: the small one that comes with the program)')
    .option('--engine <name>', ENGINE_CHOICES.join(', '), choice('--engine', ENGINE_CHOICES), 'wasm')
    .option('--json', 'print the verdicts as JSON')
    .addHelpText(
      'after',
      examples(['refusion-bench verify', 'refusion-bench verify --engine all golden/*.safetensors']),
    )
    .action(async (files: string[], options: VerifyOptions) => {
      // The engines take a while to load.
      const { runVerify } = await import('./command.js');
      exit(await runVerify(files, options, streams));
    });
}
