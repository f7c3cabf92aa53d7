/** A scene of high dynamic range: what is there, and how brightly it is lit. Maps of `height x width` values. */
export interface Radiance {
  /** Display values, 0 to 1. */
  readonly reflectance: Float32Array;
  /** Linear, above 0; 1 is broad daylight. */
  readonly light: Float32Array;
  /** 1 in the bright part of the scene (sky, outdoors, lit windows), 0 in the dark, between at their border. */
  readonly bright: Float32Array;
}
