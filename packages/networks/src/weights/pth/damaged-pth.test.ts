import { readFileSync } from 'node:fs';
import { FileError, type Rng, rng, sizeOf } from '@refusion/core';
import { unzipSync, zipSync } from 'fflate';
import { expect, it } from 'vitest';
import { decodePth } from './decode-pth.js';

const FILES = [
  'f16',
  'f64',
  'strided',
  'nested',
  'parameter',
  'legacy',
  'callable',
  'more/protocol4',
  'more/mixed',
];
const intact = FILES.map((name) => {
  const path = new URL(`../../../../../fixtures/pth/${name}.pth`, import.meta.url);
  return new Uint8Array(readFileSync(path));
});

type Damage = (bytes: Uint8Array, random: Rng) => Uint8Array;

/** Damages of the kinds that broken disks, cut downloads and attackers make. */
const DAMAGES: Damage[] = [
  (bytes, random) => withByte(bytes, random.integer(bytes.length), random.integer(256)),
  (bytes, random) =>
    withByte(bytes, random.integer(bytes.length), [0, 1, 127, 128, 255][random.integer(5)] ?? 0),
  // Opcodes in the place of others: marks, memo, tuples, dicts, calls.
  (bytes, random) =>
    withByte(bytes, random.integer(bytes.length), '(tR}uqhj.sQb\x85\x94]'.charCodeAt(random.integer(15))),
  (bytes, random) => bytes.slice(0, random.integer(bytes.length)),
  (bytes, random) => spliced(bytes, random.integer(bytes.length), new Uint8Array(random.integer(16))),
  // A part of the file once more, at another place.
  (bytes, random) => {
    const from = random.integer(bytes.length);
    return spliced(bytes, random.integer(bytes.length), bytes.slice(from, from + random.integer(80)));
  },
  // A part of the file left out.
  (bytes, random) => {
    const from = random.integer(bytes.length);
    return Uint8Array.from([...bytes.subarray(0, from), ...bytes.subarray(from + 1 + random.integer(30))]);
  },
];

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const damaged = bytes.slice();
  damaged[at] = value;
  return damaged;
}

function spliced(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at)]);
}

/** Damages the pickle and zips it again, so that the archive around it is intact. */
function inPickle(damage: Damage): Damage {
  return (bytes, random) => {
    if (bytes[0] !== 0x50) return damage(bytes, random);
    const entries = Object.entries(unzipSync(bytes)).map(([name, data]): [string, Uint8Array] => [
      name,
      name.endsWith('data.pkl') ? damage(data, random) : data,
    ]);
    return zipSync(Object.fromEntries(entries), { level: 0 });
  };
}

/** Reads a file; whether it was refused. */
function refused(bytes: Uint8Array): boolean {
  try {
    const tensors = Object.values(decodePth(bytes, 'hostile').tensors);
    for (const { data, shape } of tensors) expect(data).toHaveLength(sizeOf(shape));
    const size = tensors.reduce((total, { data }) => total + data.byteLength, 0);
    expect(size).toBeLessThanOrEqual(8 * bytes.length);
    return false;
  } catch (error) {
    expect(error).toBeInstanceOf(FileError);
    expect((error as FileError).message).toMatch(/^hostile: [^\n]+$/);
    return true;
  }
}

it.each([
  ['anywhere', 6000, (damage: Damage) => damage],
  ['in the pickle', 6000, inPickle],
  [
    'in the pickle, several times',
    3000,
    (damage: Damage) => inPickle((bytes, random) => damage(damage(damage(bytes, random), random), random)),
  ],
])(
  'files damaged %s (%i of them) give a valid result or a FileError of one sentence',
  (_where, count, made) => {
    const random = rng(20240607);
    let refusals = 0;
    for (let i = 0; i < count; i++) {
      const damage = made(DAMAGES[i % DAMAGES.length] as Damage);
      const file = intact[random.integer(intact.length)] as Uint8Array;
      if (refused(damage(file, random))) refusals++;
    }
    // Damage to a number, a name or a part that is passed over is not visible; damage to the structure must be.
    expect(refusals).toBeGreaterThan(count / 3);
    expect(refusals).toBeLessThan(count);
  },
);
