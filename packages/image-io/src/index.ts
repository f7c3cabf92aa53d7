export { type Chroma, chroma, mergeChroma, toRgb } from './chroma.js';
export { luminance, roundedLuminance } from './luminance.js';
export { encodeNpy } from './npy.js';
export { isGray, type Picture, type PictureData, picture, rowsOf, type SourcePicture } from './picture.js';
export { type Extremes, extremes, stretch, toUint8, toUint16 } from './tone.js';
export { AUTO_RANGE, scaleValues, type ValueRange } from './value-range.js';
