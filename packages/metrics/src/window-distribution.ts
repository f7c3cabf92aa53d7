import type { GrayImage } from './gray.js';

/** The side of a window. */
export const SIDE = 3;
/** Its pixels. */
export const PLACES = SIDE * SIDE;

/**
 * The distribution that a window of an image stands for: of a place 0..8, which runs down the columns, with shares
 * proportional to the gray values above their minimum. One object serves all windows of an image.
 */
export class WindowDistribution {
  readonly shares = new Float64Array(PLACES);
  /** The sum of the shares before a place. */
  readonly before = new Float64Array(PLACES + 1);
  isUniform = true;
  deviation = 0;
  entropy = 0;
  readonly #values = new Float64Array(PLACES);

  constructor(readonly image: GrayImage) {}

  /** Moves to the window whose upper left pixel this is. */
  moveTo(row: number, column: number): void {
    const { data, width } = this.image;
    for (let right = 0; right < SIDE; right++) {
      for (let down = 0; down < SIDE; down++) {
        this.#values[right * SIDE + down] = data[(row + down) * width + column + right] as number;
      }
    }
    this.#share();
    this.#summarise();
  }

  hasValuesOf(other: WindowDistribution): boolean {
    return this.#values.every((value, place) => value === other.#values[place]);
  }

  #share(): void {
    let least = Number.POSITIVE_INFINITY;
    for (let place = 0; place < PLACES; place++) least = Math.min(least, this.#values[place] as number);
    let sum = 0;
    for (let place = 0; place < PLACES; place++) sum += (this.#values[place] as number) - least;
    this.isUniform = sum === 0;
    for (let place = 0; place < PLACES; place++) {
      this.shares[place] = this.isUniform ? 1 / PLACES : ((this.#values[place] as number) - least) / sum;
    }
  }

  #summarise(): void {
    let mean = 0;
    this.entropy = 0;
    for (let place = 0; place < PLACES; place++) {
      const share = this.shares[place] as number;
      this.before[place + 1] = (this.before[place] as number) + share;
      mean += share * place;
      if (share > 0) this.entropy -= share * Math.log(share);
    }
    let variance = 0;
    for (let place = 0; place < PLACES; place++)
      variance += (this.shares[place] as number) * (place - mean) ** 2;
    this.deviation = Math.sqrt(variance);
  }
}
