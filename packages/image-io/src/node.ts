export { fileError } from './file-error.js';
export { MAX_FILE_BYTES, MAX_PIXELS } from './limits.js';
export { decodePicture, readPicture } from './read-picture.js';
export { decodeScaledPicture, readExtremes, readScaledPicture } from './read-scaled-picture.js';
export { encodePng, writeFileAtomic, writeNpy, writePng } from './write.js';
