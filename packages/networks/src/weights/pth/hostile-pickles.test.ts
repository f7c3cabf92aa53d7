import { FileError } from '@refusion/core';
import { zipSync } from 'fflate';
import { describe, expect, it } from 'vitest';
import { decodePth } from './decode-pth.js';

// Files made by hand, byte by byte: a text stands for the bytes of its characters.
const bytesOf = (text: string): Uint8Array => Uint8Array.from(text, (character) => character.charCodeAt(0));

function little(value: number, length: number): string {
  return Array.from({ length }, (_, i) => String.fromCharCode(Math.floor(value / 256 ** i) % 256)).join('');
}

const int = (value: number): string => `\x8a\x08${little(value, 8)}`;
const text = (value: string): string => `X${little(value.length, 4)}${value}`;
const tuple = (items: readonly number[]): string => `(${items.map(int).join('')}t`;
const dict = (...entries: string[]): string => `}(${entries.join('')}u`;

function storage(key: string, count: number, type = 'FloatStorage'): string {
  return `(${text('storage')}ctorch\n${type}\n${text(key)}${text('cpu')}${int(count)}tQ`;
}

function tensor(shape: number[], stride: number[], offset = 0, of = storage('0', 4)): string {
  return `ctorch._utils\n_rebuild_tensor_v2\n(${of}${int(offset)}${tuple(shape)}${tuple(stride)}\x89}tR`;
}

const FOUR = new Uint8Array(new Float32Array([1, 2, 3, 4]).buffer);

/** An archive with this pickle and one storage of four numbers. */
function pth(pickle: string): Uint8Array {
  return zipSync({ 'a/data.pkl': bytesOf(`\x80\x02${pickle}.`), 'a/data/0': FOUR }, { level: 0 });
}

const ONE = text('w') + tensor([2, 2], [2, 1]);
const INTACT = pth(dict(ONE));

/** `d0 = {'w': tensor}`, `d1 = {'a': d0, 'b': d0}`, and so on: 2^15 tensors in a kilobyte. */
function doubling(levels: number): string {
  let pickle = `${dict(ONE)}q\x00`;
  for (let i = 0; i < levels; i++) pickle = `${pickle}${dict(`${text('a')}h\x00`, `${text('b')}h\x00`)}q\x00`;
  return pickle;
}

const LEGACY_START = '\x80\x02\x8a\x0a\x6c\xfc\x9c\x46\xf9\x20\x6a\xa8\x50\x19\x2e';
const FLOATS = String.fromCharCode(...FOUR);

function legacy(pickle: string, keys: string, data: string, version = 1001): Uint8Array {
  return bytesOf(`${LEGACY_START}${int(version)}.}.${pickle}.${keys}.${data}`);
}

it('the files made by hand are read', () => {
  const { tensors } = decodePth(INTACT, 'x.pth');
  expect(tensors['w']).toEqual({ data: new Float32Array([1, 2, 3, 4]), shape: [2, 2] });
  const old = legacy(dict(ONE), `](${text('0')}e`, little(4, 8) + FLOATS);
  expect(decodePth(old, 'x.pth').tensors).toEqual(tensors);
});

it('the memo of a large pickle is used by 32-bit indices', () => {
  const pickle = dict(`${text('v')}${tensor([1], [1])}r\x2c\x01\x00\x00`, `${text('w')}j\x2c\x01\x00\x00`);
  expect(Object.keys(decodePth(pth(pickle), 'x.pth').tensors)).toEqual(['v', 'w']);
});

it('names that mean something to JavaScript are plain names', () => {
  const { tensors } = decodePth(pth(dict(text('__proto__') + tensor([1], [1]), ONE)), 'x.pth');
  expect(Object.keys(tensors)).toEqual(['__proto__', 'w']);
  expect(tensors['constructor']).toBeUndefined();
});

it('keys are left out only while all tensors share them', () => {
  const namesOf = (pickle: string): string[] => Object.keys(decodePth(pth(pickle), 'x.pth').tensors);
  expect(namesOf(dict(text('a') + dict(text('b') + dict(ONE))))).toEqual(['w']);
  expect(namesOf(dict(text('a') + dict(text('b') + dict(ONE), text('c') + dict(ONE))))).toEqual([
    'b.w',
    'c.w',
  ]);
  expect(namesOf(dict(text('a') + dict(ONE), ONE))).toEqual(['a.w', 'w']);
  expect(namesOf(dict(text('a') + dict(), int(7) + dict(ONE)))).toEqual(['w']);
  expect(namesOf('}')).toEqual([]);
});

describe('a hostile pickle ends in one sentence:', () => {
  const system = `(${text('sh')}tR`;
  it.each<[what: string, pickle: string, problem: string]>([
    ['a callable', `cos\nsystem\n${system}`, 'refused, it refers to "os.system", which'],
    ['a callable in protocol 4', `\x8c\x02os\x8c\x06system\x93${system}`, 'it refers to "os.system", which'],
    ['a callable built in', 'c__builtin__\neval\n', 'it refers to "__builtin__.eval"'],
    ['a name of JavaScript', 'cconstructor\nconstructor\n', 'it refers to "constructor.constructor"'],
    ['a name with a control character', 'co\ts\nsystem\n', 'it refers to "o\\ts.system"'],
    ['a name made of numbers', `${int(1)}${int(2)}\x93`, 'its pickle has a name that is not text'],
    ['an instance', `(${text('sh')}ios\nsystem\n`, 'its pickle has the opcode 0x69, which'],
    ['an object', '(cos\nsystem\no', 'it refers to "os.system"'],
    ['an extension', '\x82\x01', 'its pickle has the opcode 0x82, which'],
    ['a value that is called', `${int(1)})R`, 'its pickle calls something that is not a function'],
    [
      'a storage that is called',
      'ctorch\nFloatStorage\n)R',
      'its pickle calls something that is not a function',
    ],
    [
      'arguments that are no tuple',
      'ccollections\nOrderedDict\n]R',
      'its pickle calls something that is not',
    ],
    [
      'an OrderedDict of a list',
      'ccollections\nOrderedDict\n(]tR',
      'calls collections.OrderedDict with the wrong',
    ],
    [
      'a parameter of nothing',
      'ctorch._utils\n_rebuild_parameter\n(NtR',
      '_rebuild_parameter with the wrong',
    ],
    ['attributes of a tensor', `${tensor([1], [1])}}b`, 'its pickle adds entries to what is not a dict'],
    ['items in a dict', '}Na', 'its pickle adds items to what is not a list'],
    ['a key without a value', '}(Nu', 'its pickle has a key without a value'],
    ['a stack run dry', '\x86', 'its pickle takes a value where none is left'],
    ['a mark missing', 't', 'its pickle closes a list that it has not opened'],
    ['a memo missing', 'h\x05', 'its pickle recalls a value that it has not kept'],
    ['a text without an end', 'X\xff\xff\x00\x00abc', 'it ends where 65535 more bytes should follow'],
    ['an enormous text', 'X\xff\xff\xff\xff', 'it has a text of 4294967295 bytes and at most 1000000'],
    ['text that is not UTF-8', text('\xff'), 'it has a text that is not UTF-8'],
    ['a line without an end', 'cos', 'it ends within a line'],
    ['nothing', '', 'its pickle takes a value where none is left'],
    ['too many opcodes', 'N'.repeat(500_000), 'its pickle has more than the 500000 opcodes accepted'],
    ['a storage of no type', `(${text('storage')}N${text('0')}${text('cpu')}${int(4)}tQ`, 'not a storage'],
    ['a storage of -1 numbers', storage('0', 4).replace(int(4), '\x8a\x01\xff'), 'not a storage'],
    ['a storage of two lengths', storage('0', 4) + storage('0', 2), 'describes the storage "0" in two ways'],
    [
      'a storage of two types',
      storage('0', 4) + storage('0', 4, 'HalfStorage'),
      'the storage "0" in two ways',
    ],
    ['a view of a storage', storage('0', 4).replace('tQ', `${tuple([0])}tQ`), 'that is not a storage'],
    ['a tensor alone', tensor([1], [1]), 'it holds no dict of tensors'],
    ['a key that is no name', dict(`)${tensor([1], [1])}`), 'a key that is neither text nor a number'],
    ['a name twice', dict(ONE, ONE), 'it names "w" twice'],
    [
      'a name twice, nested',
      dict(text('a.w') + tensor([1], [1]), text('a') + dict(ONE)),
      'it names "a.w" twice',
    ],
    [
      'an endless name',
      dict(text('n'.repeat(501)) + tensor([1], [1])),
      'has a name of more than 500 characters',
    ],
    ['a dict in itself', `}q\x00(${text('a')}h\x00u`, 'its dicts are nested deeper than 16'],
    ['dicts that double', doubling(15), 'its dicts have more than 50000 entries'],
    [
      'dicts in dicts',
      `${`}${text('a')}`.repeat(50)}}${'s'.repeat(50)}`,
      'its dicts are nested deeper than 16',
    ],
  ])('%s', (_what, pickle, problem) => expectRefusal(pth(pickle), problem));
});

describe('a tensor that is not inside its storage ends in one sentence:', () => {
  it.each<[shape: number[], stride: number[], offset: number]>([
    [[5], [1], 0],
    [[2], [1], 3],
    [[2, 2], [3, 1], 1],
    [[], [], 4],
    [[2], [2 ** 52], 0],
    [[2 ** 53 - 1, 2 ** 53 - 1], [2 ** 52, 2 ** 52], 2 ** 52],
    [[2, 2], [1], 0],
    [new Array(65).fill(1), new Array(65).fill(1), 0],
  ])('shape %j, stride %j, offset %j', (shape, stride, offset) => {
    const problem = 'its pickle calls torch._utils._rebuild_tensor_v2 with the wrong arguments';
    expectRefusal(pth(dict(text('w') + tensor(shape, stride, offset))), problem);
  });

  it.each<[shape: number[]]>([[[1024, 1024]], [[2 ** 52, 2 ** 52]], [[...new Array(40).fill(2 ** 52), 0]]])(
    'shape %j by repetition',
    (shape) => {
      const pickle = dict(text('w') + tensor(shape, new Array(shape.length).fill(0)));
      expectRefusal(pth(pickle), 'its tensors would take more than');
    },
  );
});

describe('a hostile file of the old format ends in one sentence:', () => {
  const keys = `](${text('0')}e`;
  it.each<[what: string, bytes: Uint8Array, problem: string]>([
    ['another version', legacy(dict(ONE), keys, little(4, 8) + FLOATS, 1002), 'another version than 1001'],
    ['keys that are no list', legacy(dict(ONE), '}', ''), 'its storages are not in a list'],
    [
      'a key of nothing',
      legacy(dict(ONE), `](${text('1')}e`, ''),
      'it lists a storage that its state dict does',
    ],
    ['a key missing', legacy(dict(ONE), ']', ''), 'its storage "0" is missing'],
    ['another count', legacy(dict(ONE), keys, little(2 ** 52, 8) + FLOATS), 'numbers and should have 4'],
    [
      'numbers missing',
      legacy(dict(ONE), keys, little(4, 8) + FLOATS.slice(1)),
      'it ends where 16 more bytes',
    ],
    [
      'an enormous storage',
      legacy(dict(text('w') + tensor([1], [1], 0, storage('0', 2 ** 52))), keys, little(2 ** 52, 8)),
      'it ends where 18014398509481984 more bytes should follow',
    ],
    ['nothing', new Uint8Array(0), 'it starts with the bytes of neither of its formats'],
  ])('%s', (_what, bytes, problem) => expectRefusal(bytes, problem));
});

function expectRefusal(bytes: Uint8Array, problem: string): void {
  const decode = (): unknown => decodePth(bytes, 'x.pth');
  expect(decode).toThrow(FileError);
  expect(decode).toThrow(problem);
  expect(decode).toThrow(/^x\.pth: [^\n]+$/);
}
