import { randomUUID } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reference } from '@refusion/autodiff';
import { type NdArray, rng } from '@refusion/core';
import { type GrayPair, syntheticScene } from '@refusion/data';
import { readPicture } from '@refusion/image-io/node';
import { averageLoss, type FusionLoss, learnableIntensityLoss, learnableLoss } from '@refusion/losses';
import {
  initialState,
  type Phase,
  type TrainingEvent,
  type TrainingState,
  trainingSettings,
} from '@refusion/meta';
import { fusion, fusionNetwork, proposalNetwork, reconstructionNetwork } from '@refusion/networks';
import { afterAll, describe, expect, it } from 'vitest';
import { updatesAt } from '../updates.js';
import { openPreview } from './preview.js';
import { keptSnapshots, MOST_SNAPSHOTS, readViewIndex, type Snapshot, type ViewIndex } from './view-index.js';
import { middleOf } from './view-pictures.js';

const scratch = mkdtempSync(join(tmpdir(), 'refusion-preview-'));
afterAll(() => rmSync(scratch, { recursive: true }));

const { ops } = reference;
const size = { dim: 2, blocks: 1, heads: 1 };
const upload = (params: Record<string, NdArray>) =>
  Object.fromEntries(
    Object.entries(params).map(([name, { data, shape }]) => [name, ops.constant(data, shape)]),
  );
const start = initialState(ops, {
  fusion: upload(fusionNetwork(size).init(rng(1))),
  proposal: upload(proposalNetwork(size).init(rng(2))),
  objective: upload(reconstructionNetwork(size).init(rng(3))),
});
const settings = trainingSettings({ epochs: 2, metaSteps: 2, fusionSteps: 3 });
const pair: GrayPair = syntheticScene({ task: 'ivif', height: 16, width: 20, rng: rng(4) });

const at = (epoch: number, phase: Phase, step: number): TrainingState => ({
  ...start,
  position: { epoch, phase, step },
});
/** What the preview looks at of an event. */
const event = (type: TrainingEvent['type'], state: TrainingState) => ({ type, state }) as TrainingEvent;

function open(run: string, loss: FusionLoss = learnableLoss, from = start, every = 2) {
  const said: string[] = [];
  const options = { engine: reference, loss, settings, every, warn: (line: string) => said.push(line) };
  return openPreview(join(scratch, run), { name: 'p1', pair }, from, options).then((preview) => ({
    preview,
    said,
  }));
}

async function updatesOf(run: string): Promise<number[]> {
  const index = await readViewIndex(join(scratch, run));
  return index?.snapshots.map(({ update }) => update) ?? [];
}

describe('the preview', () => {
  it('looks at the start, every so many updates, and at the ends of epochs', async () => {
    const { preview } = await open('schedule');
    const { metaSteps, fusionSteps } = settings;
    for (let epoch = 0; epoch < 2; epoch++) {
      for (let i = 1; i <= metaSteps; i++) await preview.observe(event('meta-step', at(epoch, 'meta', i)));
      for (let i = 1; i <= fusionSteps; i++)
        await preview.observe(event('fusion-update', at(epoch, 'fusion', i)));
      await preview.observe(event('epoch-end', at(epoch + 1, 'meta', 0)));
    }
    expect(await updatesOf('schedule')).toEqual([0, 2, 4, 5, 6, 8, 10]);
    const index = await readViewIndex(join(scratch, 'schedule'));
    expect(index).toMatchObject({ pair: 'p1', height: 16, width: 20, updates: 10, epochs: 2 });
    expect(index?.snapshots.map(({ epoch }) => epoch)).toEqual([0, 1, 1, 1, 2, 2, 2]);
  });

  it('writes what the networks make, to 8 bits, and its range', async () => {
    await open('values');
    const index = await readViewIndex(join(scratch, 'values'));
    const { pictures } = (index as ViewIndex).snapshots[0] as Snapshot;
    expect(Object.keys(pictures).sort()).toEqual(['fused', 'reconstructed-a', 'reconstructed-b', 'v', 'w']);
    const tensor = (x: NdArray) => ops.constant(x.data, [1, ...x.shape, 1]);
    const fused = await reference.read(fusion(ops, start.theta.fusion, tensor(pair.a), tensor(pair.b)));
    const written = await readPicture(join(scratch, 'values', 'view', pictures['fused']?.file as string));
    expect(written.shape).toEqual([16, 20]);
    written.data.forEach((level, i) => {
      expect(Math.abs(level - 255 * (fused[i] as number))).toBeLessThanOrEqual(0.5001);
    });
    expect(pictures['fused']?.range.max).toBeCloseTo(Math.max(...fused), 3);
    const source = await readPicture(join(scratch, 'values', 'view', 'a.png'));
    expect(Math.abs((source.data[7] as number) - 255 * (pair.a.data[7] as number))).toBeLessThanOrEqual(
      0.5001,
    );
  });

  it.each([
    [learnableIntensityLoss, ['w']],
    [averageLoss, []],
  ])('shows the maps that the loss uses: %#', async (loss, maps) => {
    await open('maps', loss);
    const index = await readViewIndex(join(scratch, 'maps'));
    const names = Object.keys(index?.snapshots[0]?.pictures ?? {});
    expect(names.filter((name) => name.length === 1)).toEqual(maps);
  });

  it('keeps the history where a picture is not finite', async () => {
    const { fusion: params, ...rest } = start.theta;
    const fusion = Object.fromEntries(
      Object.entries(params).map(([name, x]) => [name, ops.mul(x, Number.NaN)]),
    );
    await open('sick', learnableLoss, { ...start, theta: { ...rest, fusion } });
    const index = await readViewIndex(join(scratch, 'sick'));
    const range = { min: null, mean: null, max: null };
    expect(index?.snapshots[0]?.pictures).toMatchObject({ fused: { range } });
  });

  it('goes on after an interruption as if there had been none', async () => {
    const { preview } = await open('resumed');
    await preview.observe(event('meta-step', at(0, 'meta', 2)));
    await preview.observe(event('fusion-update', at(0, 'fusion', 2)));
    const folder = join(scratch, 'resumed', 'view');
    const whole = readdirSync(folder);
    const files = () => readdirSync(folder).filter((file) => !file.endsWith('user.png'));
    expect(await updatesOf('resumed')).toEqual([0, 2, 4]);
    // What a program leaves that is killed while it looks, and a picture of somebody else's.
    for (const name of [`.refusion.${randomUUID()}.tmp`, '00000006-fused.png', 'user.png'])
      writeFileSync(join(folder, name), '');
    const { preview: again } = await open('resumed', learnableLoss, at(0, 'fusion', 1));
    expect(await updatesOf('resumed')).toEqual([0, 2]);
    expect(files()).toEqual(whole.filter((file) => !file.startsWith('00000004')));
    await again.observe(event('fusion-update', at(0, 'fusion', 2)));
    expect(files()).toEqual(whole);
    await open('resumed');
    expect(await updatesOf('resumed')).toEqual([0]);
    expect(readdirSync(folder).length).toBe(3 + 5);
  });

  describe('takes an index that it did not write for none:', () => {
    const strange = join(scratch, 'strange', 'view', 'index.json');
    /** The index of a run that was looked at, as anyone may have changed it. */
    // biome-ignore lint/suspicious/noExplicitAny: what is changed may be anything
    type Changed = any;
    const changes: [string, (index: Changed) => unknown][] = [
      ['nothing', () => ''],
      ['null', () => null],
      ['another version', (index) => ({ ...index, version: 2 })],
      [
        'a path',
        ({ sources: { a, b }, ...index }) => ({ ...index, sources: { a: { ...a, file: '../s.png' }, b } }),
      ],
      ['no sources', (index) => ({ ...index, sources: {} })],
      ['no range', ({ sources: { a, b }, ...index }) => ({ ...index, sources: { a: { file: a.file }, b } })],
      [
        'a range of words',
        ({ sources: { a, b }, ...index }) => {
          return { ...index, sources: { a: { ...a, range: { ...a.range, mean: 'half' } }, b } };
        },
      ],
      ['snapshots of nothing', (index) => ({ ...index, snapshots: [{}] })],
      [
        'pictures of nothing',
        ({ snapshots: [first], ...index }) => ({
          ...index,
          snapshots: [{ ...first, pictures: { w: null } }],
        }),
      ],
      [
        'too many snapshots',
        ({ snapshots: [first], ...index }) => {
          return { ...index, snapshots: new Array(MOST_SNAPSHOTS + 1).fill(first) };
        },
      ],
      ['a size of its own', (index) => ({ ...index, width: 1e9 })],
      ['a height below zero', (index) => ({ ...index, height: -1 })],
    ];

    it.each(changes)('%s', async (_what, change) => {
      const text = readFileSync(join(scratch, 'values', 'view', 'index.json'), 'utf8');
      mkdirSync(join(strange, '..'), { recursive: true });
      writeFileSync(strange, text);
      expect(await readViewIndex(join(scratch, 'strange'))).toEqual(JSON.parse(text));
      const changed = change(JSON.parse(text));
      writeFileSync(strange, typeof changed === 'string' ? changed : JSON.stringify(changed));
      expect(await readViewIndex(join(scratch, 'strange'))).toBe(null);
    });

    it('more than it would ever write', async () => {
      const text = readFileSync(join(scratch, 'values', 'view', 'index.json'), 'utf8');
      writeFileSync(strange, text + ' '.repeat(1 << 20));
      expect(await readViewIndex(join(scratch, 'strange'))).toBe(null);
    });

    it('and begins anew', async () => {
      await open('strange', learnableLoss, at(0, 'meta', 1));
      expect(await updatesOf('strange')).toEqual([1]);
    });
  });

  it('lets the training go on when it cannot write', async () => {
    const { preview, said } = await open('gone');
    rmSync(join(scratch, 'gone', 'view'), { recursive: true });
    await preview.observe(event('meta-step', at(0, 'meta', 2)));
    await preview.observe(event('fusion-update', at(0, 'fusion', 2)));
    expect(said.length).toBe(1);
    expect(said[0]).toMatch(/^no more pictures of the training: .*cannot be written/);
    expect(existsSync(join(scratch, 'gone', 'view'))).toBe(false);
  });
});

it('counts updates from a position', () => {
  expect(updatesAt({ epoch: 1, phase: 'meta', step: 1 }, settings)).toBe(6);
  expect(updatesAt({ epoch: 1, phase: 'fusion', step: 1 }, settings)).toBe(8);
});

it('cuts the middle out of a large pair', () => {
  const picture = { data: Float32Array.from({ length: 300 * 260 }, (_, i) => i), shape: [300, 260] };
  const { a } = middleOf({ a: picture, b: picture });
  expect(a.shape).toEqual([256, 256]);
  expect([a.data[0], a.data[255], a.data[256]]).toEqual([22 * 260 + 2, 22 * 260 + 257, 23 * 260 + 2]);
});

it('keeps a bounded number of snapshots, evenly spread, and the newest', () => {
  let kept: Snapshot[] = [];
  for (let number = 0; number < 1000; number++) {
    kept = keptSnapshots([...kept, { number, update: 50 * number, epoch: 1, pictures: {} }]);
    expect(kept.length).toBeLessThanOrEqual(MOST_SNAPSHOTS);
    expect(kept.at(-1)?.number).toBe(number);
  }
  const numbers = kept.map(({ number }) => number);
  expect(numbers.slice(0, -1)).toEqual(Array.from({ length: Math.ceil(1000 / 16) }, (_, i) => 16 * i));
});
