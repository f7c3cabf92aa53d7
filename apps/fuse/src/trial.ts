// What the tests of the command share.
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { rng } from '@refusion/core';
import { encodePng, readPicture } from '@refusion/image-io/node';
import { fuseProgram } from './command.js';

/** The pictures that the tests make. */
export const WIDTH = 9;
export const HEIGHT = 8;

/** How a run ended. */
export interface Ended {
  readonly status: typeof process.exitCode | null;
  readonly stdout: string;
  readonly stderr: string;
}

let folder: string;
let exitCode: typeof process.exitCode;

/** Makes a test's folder, with `ir`, `vi` and the weights `f.safetensors` in it. */
export function openTrial(weights: Uint8Array): void {
  exitCode = process.exitCode;
  process.exitCode = 0;
  folder = mkdtempSync(join(tmpdir(), 'refusion-fuse-'));
  mkdirSync(at('ir'));
  mkdirSync(at('vi'));
  writeFileSync(at('f.safetensors'), weights);
}

/** Removes the folder and leaves the exit code of the test run as it was. */
export function closeTrial(): void {
  process.exitCode = exitCode;
  rmSync(folder, { recursive: true, force: true });
}

/** A path in the test's folder. */
export function at(...names: string[]): string {
  return join(folder, ...names);
}

/** Writes a picture of random pixels. */
export async function makePicture(
  path: string,
  seed: number,
  channels: 1 | 3 = 1,
  width = WIDTH,
): Promise<void> {
  const random = rng(seed);
  const data = Uint8Array.from({ length: HEIGHT * width * channels }, () => random.integer(256));
  const shape = channels === 3 ? ([HEIGHT, width, 3] as const) : ([HEIGHT, width] as const);
  writeFileSync(path, await encodePng({ data, shape }));
}

/** Writes an infrared picture and its visible partner, which may be in colour. */
export async function makePair(stem: string, seed: number, channels: 1 | 3 = 1): Promise<void> {
  await makePicture(at('ir', `${stem}.png`), seed);
  await makePicture(at('vi', `${stem}.png`), seed + 1, channels);
}

/** A picture's shape and values, comparable whatever kind of array holds them. */
export async function pixelsOf(path: string): Promise<{ shape: readonly number[]; data: number[] }> {
  const { shape, data } = await readPicture(path);
  return { shape, data: [...data] };
}

/** The values of a .npy file of format 1.0 that holds float32, and the words of its header. */
export function readNpy(path: string): { header: string; values: number[] } {
  const bytes = readFileSync(path);
  const start = 10 + bytes.readUInt16LE(8);
  const values: number[] = [];
  for (let i = start; i < bytes.length; i += 4) values.push(bytes.readFloatLE(i));
  return { header: bytes.toString('latin1', 10, start), values };
}

/** Options that work, on the engine that starts at once; `changes` replace them. */
export function argumentsWith(changes: Readonly<Record<string, string>> = {}): string[] {
  const options = {
    '--weights': at('f.safetensors'),
    '--a': at('ir'),
    '--b': at('vi'),
    '--out': at('out'),
    '--engine': 'reference',
    ...changes,
  };
  return Object.entries(options).flat();
}

/** Runs the program in this process. Rejects with what it throws. */
export async function run(args: readonly string[]): Promise<Ended> {
  const written = { stdout: '', stderr: '' };
  const stream = (name: 'stdout' | 'stderr'): Writable =>
    new Writable({
      write: (chunk, _encoding, done) => {
        written[name] += String(chunk);
        done();
      },
    });
  const program = fuseProgram({ stdout: stream('stdout'), stderr: stream('stderr') });
  await program.parseAsync(args, { from: 'user' });
  return { status: process.exitCode, ...written };
}

/** The command line of the program as users run it. */
export function commandOf(args: readonly string[]): [string, ...string[]] {
  const program = fileURLToPath(new URL('bin.ts', import.meta.url));
  return [process.execPath, '--conditions=@refusion/source', '--import=tsx', program, ...args];
}

/** Runs the program as users do. */
export function spawn(args: readonly string[]): Ended {
  const [command, ...rest] = commandOf(args);
  const env = { ...process.env, DEBUG: '', NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', env });
  return { status, stdout, stderr };
}
