import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';

const SOURCE = JSON.stringify(new URL('node.ts', import.meta.url).href);
// Node 20 gives threads no loader of the program that starts them.
const LOADER = JSON.stringify(import.meta.resolve('tsx/esm/api'));

let folder = '';
const at = (name: string): string => join(folder, name);
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'refusion-outlive-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Runs a program that exits while a thread, on a disk that is slow, replaces the first of two files. */
function exitWhileReplacing(): { status: number | null; stderr: string } {
  const thread = `
    import fs from 'node:fs';
    import { syncBuiltinESMExports } from 'node:module';
    import { parentPort } from 'node:worker_threads';
    const { fsyncSync } = fs;
    fs.fsyncSync = (file) => {
      parentPort.postMessage('writing');
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 500);
      fsyncSync(file);
    };
    syncBuiltinESMExports();
    const { register } = await import(${LOADER});
    register();
    const { replaceFile } = await import(${SOURCE});
    replaceFile(${JSON.stringify(at('first'))}, 'new');
    replaceFile(${JSON.stringify(at('second'))}, 'new');`;
  writeFileSync(at('thread.mjs'), thread);
  const program = `
    import { Worker } from 'node:worker_threads';
    import { outliveThreads } from ${SOURCE};
    outliveThreads();
    const execArgv = ['--conditions=@refusion/source'];
    const worker = new Worker(new URL(${JSON.stringify(pathToFileURL(at('thread.mjs')))}), { execArgv });
    worker.once('message', () => process.exit(130));`;
  const args = ['--conditions=@refusion/source', '--import=tsx', '--input-type=module', '--eval', program];
  return spawnSync(process.execPath, args, { encoding: 'utf8', cwd: import.meta.dirname });
}

it('a program that exits waits for the file that a thread replaces, and lets none begin', () => {
  writeFileSync(at('first'), 'old');
  const { status, stderr } = exitWhileReplacing();
  expect({ status, stderr }).toEqual({ status: 130, stderr: '' });
  expect(readdirSync(folder).sort()).toEqual(['first', 'thread.mjs']);
  expect(readFileSync(at('first'), 'utf8')).toBe('new');
});
