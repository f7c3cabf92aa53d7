import { FileError, type Rng, rng, sizeOf } from '@refusion/core';
import { expect, it } from 'vitest';
import { decodeSafetensors } from './decode-safetensors.js';
import { encodeSafetensors } from './encode-safetensors.js';

const intact = encodeSafetensors(
  {
    'encoder.0.weight': { data: Float32Array.from({ length: 24 }, (_, i) => i / 7), shape: [2, 3, 4] },
    'encoder.0.bias': { data: new Float32Array(2), shape: [2] },
    'decoder.weight': { data: Float64Array.from({ length: 6 }, (_, i) => -i), shape: [6, 1] },
    temperature: { data: new Float64Array([1.5]), shape: [] },
  },
  { epoch: '3', task: 'ivif' },
);
const headerEnd = 8 + new DataView(intact.buffer).getUint32(0, true);
const PIECES = [
  '{',
  '}',
  '[',
  ']',
  '"',
  ',',
  ':',
  '-',
  '.',
  'e9',
  '999999999999',
  'null',
  '"F16"',
  '__proto__',
  '\\',
];

/** Damages of the kinds that broken disks, cut downloads and attackers make. */
const DAMAGES: ((bytes: Uint8Array, random: Rng) => Uint8Array)[] = [
  (bytes, random) => withByte(bytes, random.integer(bytes.length), random.integer(256)),
  (bytes, random) => withByte(bytes, random.integer(8), random.integer(256)),
  (bytes, random) => withByte(bytes, 8 + random.integer(headerEnd - 8), 32 + random.integer(95)),
  // A digit of a shape or an offset.
  (bytes, random) => withByte(bytes, digitAt(bytes, random), 48 + random.integer(10)),
  (bytes, random) => bytes.slice(0, random.integer(bytes.length)),
  (bytes, random) => spliced(bytes, random.integer(bytes.length), new Uint8Array(random.integer(16))),
  (bytes, random) => {
    const piece = PIECES[random.integer(PIECES.length)] as string;
    const longer = spliced(bytes, 8 + random.integer(headerEnd - 8), new TextEncoder().encode(piece));
    // The length is put right, so that the damage is seen by the checks behind it.
    new DataView(longer.buffer).setBigUint64(0, BigInt(headerEnd - 8 + piece.length), true);
    return longer;
  },
];

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const damaged = bytes.slice();
  damaged[at % bytes.length] = value;
  return damaged;
}

function digitAt(bytes: Uint8Array, random: Rng): number {
  const digits = [...bytes.keys()].filter(
    (i) => i < headerEnd && /[0-9]/.test(String.fromCharCode(bytes[i] ?? 0)),
  );
  return digits[random.integer(digits.length)] ?? 0;
}

function spliced(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  const longer = new Uint8Array(bytes.length + piece.length);
  longer.set(bytes.subarray(0, at));
  longer.set(piece, at);
  longer.set(bytes.subarray(at), at + piece.length);
  return longer;
}

it('2000 damaged files give a valid result or a FileError of one sentence, nothing else', () => {
  const random = rng(20240607);
  let refused = 0;
  for (let i = 0; i < 2000; i++) {
    const damage = DAMAGES[i % DAMAGES.length] as (typeof DAMAGES)[number];
    try {
      const { tensors } = decodeSafetensors(damage(intact, random), 'hostile');
      for (const { data, shape } of Object.values(tensors)) expect(data).toHaveLength(sizeOf(shape));
    } catch (error) {
      expect(error).toBeInstanceOf(FileError);
      expect((error as FileError).message).toMatch(/^hostile: [^\n]+$/);
      refused++;
    }
  }
  // Damage to a number or to text is not visible; damage to the structure must be.
  expect(refused).toBeGreaterThan(1000);
  expect(refused).toBeLessThan(2000);
});
