/**
 * Runs F on onnxruntime for compare.py, which has written weights.pth, exported.onnx and the two sources into a folder:
 * `ours.ts FOLDER HEIGHT WIDTH THREADS`. Prints one line of JSON when the sessions stand, and then for every line of
 * stdin, the name of a session, the milliseconds of one run and how far its result is from PyTorch's.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fusion } from '@refusion/networks';
import { readWeights } from '@refusion/networks/node';
import { compile } from '@refusion/onnx';
import { openSession, type Session } from '@refusion/onnx/node';

const [folder = '', height = '', width = '', threads = ''] = process.argv.slice(2);
const [H, W] = [Number(height), Number(width)];
const { tensors: params } = await readWeights(join(folder, 'weights.pth'));

function numbers(name: string): Float32Array {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function compiled(shape: readonly (number | string)[], stripPixels?: number): Uint8Array {
  return compile((ops, { a, b }, p) => ({ fused: fusion(ops, p, a as never, b as never) }), {
    inputs: { a: { shape }, b: { shape } },
    params,
    ...(stripPixels === undefined ? {} : { stripPixels }),
  });
}

const fixed = [1, H, W, 1];
const models: Record<string, Uint8Array> = {
  exported: readFileSync(join(folder, 'exported.onnx')),
  'named axes': compiled(['B', 'H', 'W', 1]),
  'fixed size': compiled(fixed),
  ...Object.fromEntries(
    [16, 24, 32, 48, 64, 96].map((k) => [`strips of ${k}k pixels`, compiled(fixed, k * 1000)]),
  ),
};
writeFileSync(join(folder, 'ours.onnx'), models['named axes'] as Uint8Array);

const [a, b, expected] = [numbers('a.f32'), numbers('b.f32'), numbers('fused.f32')];
const shape = [1, 1, H, W];
const sessions = new Map<string, Session>();
const created: Record<string, number> = {};
for (const [name, model] of Object.entries(models)) {
  const start = performance.now();
  sessions.set(name, await openSession(model, { threads: Number(threads), name }));
  created[name] = performance.now() - start;
}

const print = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
print(created);
for await (const name of createInterface({ input: process.stdin })) {
  const session = sessions.get(name) as Session;
  const start = performance.now();
  const outputs = await session.run({ a: { data: a, shape }, b: { data: b, shape } });
  const ms = performance.now() - start;
  const [fused] = Object.values(outputs);
  const off = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - (fused?.data[i] as number))), 0);
  print({ ms, off });
}
