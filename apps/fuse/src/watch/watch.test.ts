import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFileSync, existsSync, readdirSync, rmSync, truncateSync } from 'node:fs';
import { rng } from '@refusion/core';
import { encodeSafetensors, fusionNetwork } from '@refusion/networks';
import { afterEach, beforeEach, expect, it } from 'vitest';
import {
  argumentsWith,
  at,
  closeTrial,
  commandOf,
  makePair,
  makePicture,
  openTrial,
  pixelsOf,
  run,
} from '../trial.js';

const weights = encodeSafetensors(fusionNetwork({ dim: 4, blocks: 1, heads: 2, ffn: 1 }).init(rng(1)));
beforeEach(() => openTrial(weights));
afterEach(closeTrial);

// Windows has no signals to send.
it.runIf(process.platform !== 'win32')(
  '--watch fuses what comes, names what fails, goes on, and ends with a summary and 130 on Ctrl+C',
  async () => {
    await makePair('x', 1);
    const [command = '', ...args] = commandOf([...argumentsWith(), '--watch', '--json']);
    const child = spawn(command, args);
    const written = { stdout: '', stderr: '' };
    child.stdout.on('data', (text) => {
      written.stdout += text;
    });
    /** Resolves when stderr has a line that begins so. */
    const line = (beginning: string): Promise<void> =>
      new Promise((done) => {
        const look = (): void => {
          if (written.stderr.split('\n').some((each) => each.startsWith(beginning))) done();
        };
        look();
        child.stderr.on('data', look);
      });
    child.stderr.on('data', (text) => {
      written.stderr += text;
    });

    await line(`fuse: ${at('out', 'x.png')} in `);
    await makePair('y', 3, 3);
    copyFileSync(at('vi', 'y.png'), at('whole.png'));
    truncateSync(at('vi', 'y.png'), 80);
    await line('error: y: ');
    copyFileSync(at('whole.png'), at('vi', 'y.png'));
    await line(`fuse: ${at('out', 'y.png')} in `);
    await makePicture(at('ir', 'alone.png'), 5);
    child.kill('SIGINT');
    expect(await once(child, 'close')).toEqual([130, null]);

    const lines = written.stderr.trimEnd().split('\n');
    expect(lines[0]).toBe(`fuse: watching ${at('ir')} and ${at('vi')}, Ctrl+C ends`);
    expect(written.stderr).toMatch(
      /^error: y: ".*vi\/y\.png" is damaged or cut short; export or download it again$/m,
    );
    expect(lines.at(-1)).toMatch(/^fuse: 2 fused, 1 failed.*, results in \S+out$/);
    expect(JSON.parse(written.stdout)).toMatchObject({
      fused: [{ stem: 'x' }, { stem: 'y' }],
      failed: [{ stem: 'y' }],
    });
    expect(readdirSync(at('out')).sort()).toEqual(['x.png', 'y.png']);
    await run([...argumentsWith({ '--out': at('folders') }), '--quiet']);
    expect(await pixelsOf(at('out', 'y.png'))).toEqual(await pixelsOf(at('folders', 'y.png')));
  },
);

it('--watch that a removed folder ends tells what was fused, and why it ended', async () => {
  await makePair('x', 1);
  await makePicture(at('ir', 'alone.png'), 5);
  const watching = run([...argumentsWith(), '--watch', '--json']);
  // A busy machine takes its time.
  await expect.poll(() => existsSync(at('out', 'x.png')), { timeout: 30_000 }).toBe(true);
  rmSync(at('vi'), { recursive: true });
  const { status, stdout, stderr } = await watching;
  expect(status).toBe(2);
  const sentence = `"${at('vi')}" has been removed; start again`;
  expect(stderr.trimEnd().split('\n').slice(-2)).toEqual([
    `error: ${sentence}`,
    `fuse: 1 fused, 1 without a partner, results in ${at('out')}`,
  ]);
  expect(JSON.parse(stdout)).toMatchObject({
    fused: [{ stem: 'x' }],
    failed: [],
    waiting: ['alone'],
    ended: sentence,
  });
});
