import { type NdArray, OptionError, rng } from '@refusion/core';
import { describe, expect, it } from 'vitest';
import { SCENE_LABELS, STREET } from './labels.js';
import { SCENE_TASKS, type SceneTask, type SyntheticScene } from './scene.js';
import { syntheticScene } from './synthetic-scene.js';

const [height, width] = [96, 128];
const SEEDS = [1, 2, 3, 4, 5, 6, 7, 8];
const scene = (task: SceneTask, seed: number) => syntheticScene({ task, height, width, rng: rng(seed) });

/** The values of a picture where the scene has one of the labels. */
function where({ labels }: SyntheticScene, picture: NdArray | null, ...wanted: number[]): number[] {
  return Array.from(picture?.data ?? []).filter((_, i) => wanted.includes(labels.data[i] as number));
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

function rootMeanSquare(values: readonly number[]): number {
  return Math.sqrt(mean(values.map((value) => value ** 2)));
}

/** The mean absolute difference of neighbours in a row: how much detail a picture shows. */
function detail({ data }: NdArray): number {
  return mean(Array.from(data.subarray(1), (value, i) => Math.abs(value - (data[i] as number))));
}

const minus = (p: readonly number[], q: readonly number[]) => p.map((value, i) => value - (q[i] as number));

describe.each(SCENE_TASKS)('syntheticScene: %s', (task) => {
  it('is the same for the same seed, and another for another', () => {
    expect(scene(task, 1)).toEqual(scene(task, 1));
    expect(scene(task, 1).a).not.toEqual(scene(task, 2).a);
  });

  it('has two different pictures of the size wanted, in [0, 1], with contrast', () => {
    for (const seed of SEEDS) {
      const { a, b, truth, labels } = scene(task, seed);
      expect(a.data).not.toEqual(b.data);
      for (const picture of [a, b, ...(truth ? [truth] : [])]) {
        expect(picture.shape).toEqual([height, width]);
        expect(picture.data.length).toBe(height * width);
        expect(picture.data.every((value) => value >= 0 && value <= 1)).toBe(true);
        const level = mean([...picture.data]);
        expect(rootMeanSquare(Array.from(picture.data, (value) => value - level))).toBeGreaterThan(0.03);
      }
      expect(labels.shape).toEqual([height, width]);
      expect(Math.max(...labels.data)).toBeLessThan(SCENE_LABELS[task].length);
    }
  });

  it.each([
    [16, 16],
    [17, 90],
    [90, 17],
  ])('paints %ix%i too', (rows, columns) => {
    const { a, b } = syntheticScene({ task, height: rows, width: columns, rng: rng(3) });
    for (const value of [...a.data, ...b.data]) expect(value >= 0 && value <= 1).toBe(true);
  });
});

describe('the scenes', () => {
  it('ivif: what is warm is bright in the infrared, and detail is in the visible', () => {
    for (const seed of SEEDS) {
      const street = scene('ivif', seed);
      const persons = where(street, street.a, 1);
      expect(persons.length).toBeGreaterThan(10);
      expect(mean(persons)).toBeGreaterThan(mean(where(street, street.a, 0)) + 0.25);
      expect(mean(persons)).toBeGreaterThan(mean(where(street, street.b, 1)) + 0.25);
    }
    const ratios = SEEDS.map((seed) => detail(scene('ivif', seed).b) / detail(scene('ivif', seed).a));
    expect(mean(ratios)).toBeGreaterThan(1.1);
  });

  it('ivif: the labels are where the things are', () => {
    const rows = {
      data: Float32Array.from({ length: height * width }, (_, i) => Math.floor(i / width)),
      shape: [height, width],
    };
    const seen = new Set<number>();
    for (const seed of SEEDS) {
      const street = scene('ivif', seed);
      for (const label of street.labels.data) seen.add(label);
      const heat = (label: number) => mean(where(street, street.a, label));
      // The sky is the coldest and at the top; persons are the warmest; the road is warmer than the meadow beside it.
      for (const label of [STREET.ground, STREET.road, STREET.car, STREET.trees]) {
        expect(heat(label)).toBeGreaterThan(heat(STREET.sky) + 0.05);
        expect(heat(label)).toBeLessThan(heat(STREET.person));
      }
      expect(heat(STREET.road)).toBeGreaterThan(heat(STREET.ground));
      // From the top: sky, houses (not in every street), road.
      const [sky, road] = [STREET.sky, STREET.road].map((label) => mean(where(street, rows, label))) as [
        number,
        number,
      ];
      expect(sky).toBeLessThan(road);
      for (const row of where(street, rows, STREET.building)) {
        expect(row).toBeGreaterThan(0);
        expect(row).toBeLessThan(0.55 * height);
      }
      expect(street.labels.data.subarray(0, width)).toContain(STREET.sky);
    }
    expect([...seen].sort()).toEqual(Object.values(STREET));
  });

  it('mif: bone is bright in CT and dark in MRI, which tells the tissues of the brain apart', () => {
    for (const seed of SEEDS) {
      const head = scene('mif', seed);
      expect(mean(where(head, head.a, 2))).toBeGreaterThan(0.8);
      expect(mean(where(head, head.b, 2))).toBeLessThan(0.25);
      const contrast = (picture: NdArray) =>
        Math.abs(mean(where(head, picture, 4)) - mean(where(head, picture, 5)));
      expect(contrast(head.b)).toBeGreaterThan(2 * contrast(head.a));
      expect(mean(where(head, head.a, 0))).toBeLessThan(0.05);
    }
  });

  it('mfif: each picture equals the truth where it is in focus, and is blurred elsewhere', () => {
    for (const seed of SEEDS) {
      const table = scene('mfif', seed);
      // The noise of the sensor has a standard deviation of 0.004.
      const error = (picture: NdArray, label: number) =>
        rootMeanSquare(minus(where(table, picture, label), where(table, table.truth, label)));
      expect(where(table, table.a, 1).length).toBeGreaterThan(0.1 * height * width);
      expect(where(table, table.a, 2).length).toBeGreaterThan(0.1 * height * width);
      expect(error(table.a, 1)).toBeLessThan(0.005);
      expect(error(table.b, 2)).toBeLessThan(0.005);
      expect(error(table.a, 2)).toBeGreaterThan(0.03);
      expect(error(table.b, 1)).toBeGreaterThan(0.03);
    }
  });

  it('meif: the bright part is burnt out when over-exposed, the dark part is black when under-exposed', () => {
    for (const seed of SEEDS) {
      const view = scene('meif', seed);
      const clipped = (values: readonly number[]) => mean(values.map((value) => Number(value > 0.97)));
      expect(clipped(where(view, view.b, 1))).toBeGreaterThan(0.4);
      expect(clipped(where(view, view.a, 1))).toBeLessThan(0.1);
      expect(mean(where(view, view.a, 0))).toBeLessThan(0.2);
      expect(mean(where(view, view.b, 0))).toBeGreaterThan(mean(where(view, view.a, 0)) + 0.1);
      expect(mean(where(view, view.truth, 0))).toBeGreaterThan(mean(where(view, view.a, 0)) + 0.1);
    }
  });

  it('refuses an unknown task and sizes without room', () => {
    const options = { height, width, rng: rng(1) };
    expect(() => syntheticScene({ ...options, task: 'video' as SceneTask })).toThrow(
      'syntheticScene: task must be one of ivif, mif, mfif, meif, got "video"',
    );
    expect(() => syntheticScene({ ...options, task: 'mif', height: 15 })).toThrow(OptionError);
    expect(() => syntheticScene({ ...options, task: 'mif', width: 20.5 })).toThrow(OptionError);
  });
});
