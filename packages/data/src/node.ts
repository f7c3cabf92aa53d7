export { folderSource } from './folder-source.js';
export { listPairs, type Pair, type PairListing, type PairProblem } from './list-pairs.js';
export { readPair } from './read-pair.js';
