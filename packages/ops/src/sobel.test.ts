import { type Float64Tensor, reference, type Tensor } from '@refusion/autodiff';
import { describe, expect, it } from 'vitest';
import { sobel, sobelMagnitude } from './index.js';

const { ops } = reference;
const values = (x: Tensor): number[] => [...(x as Float64Tensor).data];
const image = (rows: readonly number[][]): Tensor =>
  ops.constant(rows.flat(), [1, rows.length, rows[0]?.length as number, 1]);

// Worked by hand from S_x = [[-1,0,1],[-2,0,2],[-1,0,1]].
const step = image([
  [0, 0, 1],
  [0, 0, 1],
  [0, 0, 1],
]);

describe('sobel', () => {
  it('pads with zeros by default, so the border of a bright region is an edge', () => {
    const { x, y } = sobel(ops, step);
    expect(values(x)).toEqual([0, 3, 0, 0, 4, 0, 0, 3, 0]);
    expect(values(y)).toEqual([0, 1, 2, 0, 0, 0, 0, -1, -2]);
    expect(values(sobelMagnitude(ops, step))).toEqual([0, 4, 2, 0, 4, 0, 0, 4, 2]);
  });

  it('sees no edge at the border when the border is replicated', () => {
    const { x, y } = sobel(ops, step, { padding: 'replicate' });
    expect(values(x)).toEqual([0, 4, 4, 0, 4, 4, 0, 4, 4]);
    expect(values(y)).toEqual(new Array(9).fill(0));
  });

  it('is symmetric about the border pixel when reflected', () => {
    const { x } = sobel(ops, step, { padding: 'reflect' });
    expect(values(x)).toEqual([0, 4, 0, 0, 4, 0, 0, 4, 0]);
  });

  it('exchanges its gradients when the image is transposed', () => {
    const picture = image([
      [1, 7, 2, 5],
      [9, 3, 4, 8],
      [6, 2, 1, 3],
    ]);
    const { x, y } = sobel(ops, picture);
    const turned = sobel(ops, ops.transpose(picture, [0, 2, 1, 3]));
    expect(values(ops.transpose(turned.y, [0, 2, 1, 3]))).toEqual(values(x));
    expect(values(ops.transpose(turned.x, [0, 2, 1, 3]))).toEqual(values(y));
  });

  it('treats channels separately', () => {
    const two = ops.concat([step, ops.mul(step, 2)], -1);
    const [first, second] = ops.split(sobel(ops, two).x, 2, -1) as [Tensor, Tensor];
    expect(values(first)).toEqual(values(sobel(ops, step).x));
    expect(values(second)).toEqual(values(first).map((v) => 2 * v));
  });

  it('names the shape that does not fit', () => {
    expect(() => sobel(ops, ops.zeros([3, 3]))).toThrow(
      'stencil: x must have the shape [*,*,*,*], got [3,3]',
    );
    expect(() => sobel(ops, ops.zeros([1, 1, 3, 1]), { padding: 'reflect' })).toThrow(/at least 2 pixels/);
  });
});
