export { type Chroma, chroma, mergeChroma, toRgb } from './chroma.js';
export { luminance, roundedLuminance } from './luminance.js';
export { encodeNpy } from './npy.js';
export { isGray, type Picture, picture } from './picture.js';
export { stretch, toUint8 } from './tone.js';
