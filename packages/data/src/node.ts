export { folderSource } from './folder-source.js';
export {
  type FolderListing,
  type FolderProblem,
  isImageName,
  listPairs,
  type Pair,
  type PairListing,
  type PairProblem,
  stemOf,
} from './list-pairs.js';
export { type PairRanges, readPair } from './read-pair.js';
export { readPairList } from './read-pair-list.js';
