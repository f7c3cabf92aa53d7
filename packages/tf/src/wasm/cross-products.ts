import * as tf from '@tensorflow/tfjs-core';
import type { Heap } from './heap.js';

/** Rows of a tensor that is read as a matrix, from one row on. */
export interface Matrix {
  readonly tensor: tf.Tensor;
  readonly columns: number;
  readonly begin: number;
}

export function matrix(tensor: tf.Tensor, columns: number, begin: number): Matrix {
  return { tensor, columns, begin };
}

/** Rows multiplied at once in float32; longer sums lose digits. */
const BLOCK = 1024;

/**
 * The products of columns of two tall matrices, `sum_r left[r + shift]^T right[r]`, for several shifts.
 *
 * The backend's matrix product sums in float32 from first to last, which over the pixels of a batch costs two
 * digits: blocks are multiplied in float32 and added in float64. It also packs its right operand once a tensor, so
 * that a block of `right` serves every shift.
 *
 * @returns `[shifts, left.columns, right.columns]`
 */
export function crossProducts(
  heap: Heap,
  left: Matrix,
  right: Matrix,
  rows: number,
  shifts: readonly number[],
): Float64Array {
  const size = left.columns * right.columns;
  const sums = new Float64Array(shifts.length * size);
  for (let at = 0; at < rows; at += BLOCK) {
    const count = Math.min(BLOCK, rows - at);
    tf.tidy(() => {
      const begin = (right.begin + at) * right.columns;
      const block = heap.copy<tf.Tensor2D>(right.tensor, begin, [count, right.columns]);
      shifts.forEach((shift, i) => {
        const turned = transposedRows(heap, left, at + shift, count);
        addTo(sums, i * size, heap.view(tf.matMul(turned, block)));
      });
    });
  }
  return sums;
}

function addTo(sums: Float64Array, begin: number, terms: Float32Array): void {
  for (let i = 0; i < terms.length; i++) {
    sums[begin + i] = (sums[begin + i] as number) + (terms[i] as number);
  }
}

/** Rows written at a time: a cache line of the output. */
const LINE = 16;

function transposedRows(
  heap: Heap,
  { tensor, columns, begin }: Matrix,
  at: number,
  rows: number,
): tf.Tensor2D {
  const turned = heap.allocate<tf.Tensor2D>([columns, rows]);
  const start = (begin + at) * columns;
  transpose(heap.view(tensor).subarray(start, start + rows * columns), heap.view(turned), rows, columns);
  return turned;
}

function transpose(from: Float32Array, to: Float32Array, rows: number, columns: number): void {
  for (let top = 0; top < rows; top += LINE) {
    const end = Math.min(top + LINE, rows);
    for (let column = 0; column < columns; column++) {
      for (let row = top; row < end; row++) {
        to[column * rows + row] = from[row * columns + column] as number;
      }
    }
  }
}
