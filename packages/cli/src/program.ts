import { Command } from 'commander';
import { oneLine } from './error-line.js';

/** What a program's help says. */
export interface ProgramInfo {
  /** The command that users type. */
  readonly name: string;
  readonly description: string;
  readonly version: string;
  /** Command lines that work as they stand; the help ends with them. */
  readonly examples?: readonly string[];
}

/**
 * A commander `Command` that is to be run by `runProgram`: it never exits by itself, and tells of wrong usage in one
 * sentence, with commander's own suggestion and a hint to `--help`. Commands made from it by `.command()` do the same.
 * @example
 * const program = createProgram({ name: 'refusion-fuse', description: 'Fuses image pairs.', version: '0.1.0' });
 * program.option('--batch <n>', 'pairs at a time', wholeNumber('--batch', { atLeast: 1 }), 1).action(fuse);
 * await runProgram(program);
 */
export function createProgram({ name, description, version, examples = [] }: ProgramInfo): Command {
  const program = new Command(name)
    .description(description)
    .version(version)
    .exitOverride()
    .configureOutput({
      outputError: (message, write) => write(`${usageSentence(message)}; see ${name} --help\n`),
    });
  if (examples.length > 0) {
    program.addHelpText('after', ['\nExamples:', ...examples.map((line) => `  $ ${line}`)].join('\n'));
  }
  return program;
}

/** Commander's message, at times two sentences on two lines, as one. */
function usageSentence(message: string): string {
  return oneLine(message)
    .replace(/\.$/, '')
    .replace(/\. ([A-Z])/g, (_, first: string) => `, ${first.toLowerCase()}`);
}
