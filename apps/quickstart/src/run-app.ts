import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { RefusionError } from '@refusion/core';

/**
 * Runs one of the apps as a user would, in a process of its own, and shows the command.
 * @returns what it printed on stdout
 * @throws RefusionError if it does not end well; it has then said why on stderr
 */
export async function runApp(app: 'train' | 'fuse' | 'bench', args: readonly string[]): Promise<string> {
  process.stderr.write(`\n$ npm run ${app} -- ${args.join(' ')}\n`);
  const bin = fileURLToPath(new URL(`../../${app}/src/bin.ts`, import.meta.url));
  // The same loader that runs this program from its sources.
  const child = spawn(process.execPath, [...process.execArgv, bin, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new RefusionError(`the command above ended with exit code ${code}`);
  return output;
}
