import type { Ops } from '../ops.js';
import type { Tensor } from '../tensor.js';

/**
 * The cotangents that a backward pass still needs, by place. One tensor may wait at several places (a sum hands its
 * own cotangent on to both terms), so uses are counted, and a tensor is freed after its last.
 */
export class Cotangents {
  private readonly byPlace = new Map<number, Tensor>();
  private readonly uses = new Map<Tensor, number>();
  /** Tensors that belong to others: the caller's seeds, values of the forward pass. */
  private readonly foreign = new Set<Tensor>();

  constructor(private readonly ops: Ops) {}

  get(place: number): Tensor | undefined {
    return this.byPlace.get(place);
  }

  /** Adds to what waits at a place. */
  add(place: number, cotangent: Tensor, foreign: boolean): void {
    if (foreign) this.foreign.add(cotangent);
    const waiting = this.byPlace.get(place);
    if (!waiting) {
      this.hold(place, cotangent);
      return;
    }
    this.hold(place, this.ops.add(waiting, cotangent));
    this.letGo(waiting);
    if (!this.uses.has(cotangent)) this.free(cotangent);
  }

  /** Forgets what waited at a place. */
  drop(place: number): void {
    const waiting = this.byPlace.get(place);
    if (!waiting) return;
    this.byPlace.delete(place);
    this.letGo(waiting);
  }

  private hold(place: number, x: Tensor): void {
    this.byPlace.set(place, x);
    this.uses.set(x, (this.uses.get(x) ?? 0) + 1);
  }

  private letGo(x: Tensor): void {
    const left = (this.uses.get(x) ?? 1) - 1;
    if (left > 0) {
      this.uses.set(x, left);
      return;
    }
    this.uses.delete(x);
    this.free(x);
  }

  private free(x: Tensor): void {
    if (!this.foreign.has(x)) this.ops.release(x);
  }
}
