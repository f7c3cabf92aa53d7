import type { Rng } from '@refusion/core';

/** Damages of the kinds that broken disks, cut downloads and attackers make. */
const DAMAGES: readonly ((bytes: Uint8Array, random: Rng) => Uint8Array)[] = [
  (bytes, random) => withByte(bytes, random.integer(bytes.length), random.integer(256)),
  // In the header, where sizes, kinds and offsets are.
  (bytes, random) => withByte(bytes, random.integer(Math.min(bytes.length, 64)), random.integer(256)),
  (bytes, random) => withByte(bytes, random.integer(bytes.length), [0, 1, 127, 255][random.integer(4)] ?? 0),
  (bytes, random) => bytes.slice(0, 1 + random.integer(bytes.length)),
  (bytes, random) => spliced(bytes, random.integer(bytes.length), new Uint8Array(random.integer(16))),
  // A part of the file once more, at another place.
  (bytes, random) => {
    const from = random.integer(bytes.length);
    return spliced(bytes, random.integer(bytes.length), bytes.slice(from, from + random.integer(80)));
  },
];

/** A file with one to three damages. */
export function damaged(bytes: Uint8Array, random: Rng): Uint8Array {
  let result = bytes;
  for (let i = random.integer(3); i >= 0; i--) {
    const damage = DAMAGES[random.integer(DAMAGES.length)] as (typeof DAMAGES)[number];
    result = damage(result, random);
  }
  return result;
}

function withByte(bytes: Uint8Array, at: number, value: number): Uint8Array {
  const copy = bytes.slice();
  copy[at] = value;
  return copy;
}

function spliced(bytes: Uint8Array, at: number, piece: Uint8Array): Uint8Array {
  return Uint8Array.from([...bytes.subarray(0, at), ...piece, ...bytes.subarray(at)]);
}
