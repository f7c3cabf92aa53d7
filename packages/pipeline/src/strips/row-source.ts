/** A gray picture that is read some rows at a time. */
export interface RowSource {
  readonly height: number;
  readonly width: number;
  /** Rows from `start` to before `end`, row-major, in [0, 1]. */
  rows(start: number, end: number): Float32Array;
}
