/**
 * Runs F on onnxruntime for compare.py, which has written weights.pth, the exports and the two sources into a folder:
 * `ours.ts FOLDER HEIGHT WIDTH THREADS STRIPS`. Writes the models of F, P and R there, for ONNX's checker. Prints one line of
 * JSON when the sessions stand, with the milliseconds that making each took, and then for every line of stdin, the name
 * of a session, the milliseconds of one run and how far its result is from PyTorch's.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Tensor } from '@refusion/autodiff';
import { rng } from '@refusion/core';
import { fusion, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { readWeights } from '@refusion/networks/node';
import { compile } from '@refusion/onnx';
import { openSession, type Session } from '@refusion/onnx/node';
import { networkModel } from '@refusion/pipeline';

const [folder = '', height = '', width = '', threads = '', strips = ''] = process.argv.slice(2);
const [H, W] = [Number(height), Number(width)];
const { tensors: params } = await readWeights(join(folder, 'weights.pth'));
const NAMED = { shape: ['B', 'H', 'W', 1] };

function numbers(name: string): Float32Array {
  const bytes = readFileSync(join(folder, name));
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
}

function compiled(shape: readonly (number | string)[], stripPixels?: number): Uint8Array {
  return compile((ops, { a, b }, p) => ({ fused: fusion(ops, p, a as Tensor, b as Tensor) }), {
    inputs: { a: { shape }, b: { shape } },
    params,
    ...(stripPixels === undefined ? {} : { stripPixels }),
  });
}

const exported = (norm: string) => (): Uint8Array => readFileSync(join(folder, `${norm}.onnx`));
const fixed = [1, H, W, 1];
const models: Record<string, () => Uint8Array> = {
  'export, formula': exported('formula'),
  'export, nn.LayerNorm': exported('nn.LayerNorm'),
  'named axes': () => compiled(NAMED.shape),
  'fixed size': () => compiled(fixed),
  ...Object.fromEntries(
    strips.split(',').map((k) => [`strips of ${k}k pixels`, () => compiled(fixed, Number(k) * 1000)]),
  ),
};
writeFileSync(join(folder, 'fusion.onnx'), networkModel(params));
// P and R have parameters of their own: the checker looks at graphs.
for (const { name, init } of [proposalNetwork(), reconstructionNetwork()]) {
  writeFileSync(join(folder, `${name}.onnx`), networkModel(init(rng(1))));
}

const [a, b, expected] = [numbers('a.f32'), numbers('b.f32'), numbers('fused.f32')];
const shape = [1, 1, H, W];
const sessions = new Map<string, Session>();
const created: Record<string, number> = {};
for (const [name, make] of Object.entries(models)) {
  const start = performance.now();
  sessions.set(name, await openSession(make(), { threads: Number(threads), name }));
  created[name] = performance.now() - start;
}

const pageFaults = (): number => process.resourceUsage().minorPageFault;
const print = (value: object): boolean => process.stdout.write(`${JSON.stringify(value)}\n`);
print(created);
for await (const name of createInterface({ input: process.stdin })) {
  const session = sessions.get(name) as Session;
  const [start, before, faults] = [performance.now(), process.cpuUsage(), pageFaults()];
  const outputs = await session.run({ a: { data: a, shape }, b: { data: b, shape } });
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(before);
  const faulted = pageFaults() - faults;
  const [fused] = Object.values(outputs);
  const off = expected.reduce((most, x, i) => Math.max(most, Math.abs(x - (fused?.data[i] as number))), 0);
  print({ ms, cpu: (user + system) / 1000, faults: faulted, off });
}
