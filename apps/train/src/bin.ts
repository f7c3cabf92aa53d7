#!/usr/bin/env node
import { type Command, createProgram, runProgram } from '@refusion/cli';
import { OptionError } from '@refusion/core';
import { version } from './version.js';

/** The other commands, by their word. Each loads what it needs and no more. */
const COMMANDS: { readonly [word: string]: () => Promise<Command> } = {
  watch: async () => (await import('./watch/watch-command.js')).watchCommand(),
  csv: async () => (await import('./log-csv.js')).csvCommand(),
};

const [node, program, word, ...rest] = process.argv as [string, string, ...string[]];
const command = word !== undefined && Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
/** A word that stands where a command does, and is none. */
function noCommand(name: string): Command {
  return createProgram({ name: 'refusion-train', description: '', version })
    .allowExcessArguments()
    .allowUnknownOption()
    .action(() => {
      const known = Object.keys(COMMANDS).join(', ');
      throw new OptionError(
        `"${name}" is no command (${known}); to train, begin with an option such as --data`,
      );
    });
}

if (command) await runProgram(await command(), [node, program, ...rest]);
else if (word !== undefined && !word.startsWith('-')) await runProgram(noCommand(word));
else await runProgram((await import('./command.js')).trainCommand());
