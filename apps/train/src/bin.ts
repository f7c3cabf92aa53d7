#!/usr/bin/env node
import { type Command, runProgram } from '@refusion/cli';

/** The other commands, by their word. Each loads what it needs and no more. */
const COMMANDS: { readonly [word: string]: () => Promise<Command> } = {
  watch: async () => (await import('./watch/watch-command.js')).watchCommand(),
  csv: async () => (await import('./log-csv.js')).csvCommand(),
};

const [node, program, word, ...rest] = process.argv as [string, string, ...string[]];
const command = word !== undefined && Object.hasOwn(COMMANDS, word) ? COMMANDS[word] : undefined;
if (command) await runProgram(await command(), [node, program, ...rest]);
else await runProgram((await import('./command.js')).trainCommand());
