export { loadFusion } from './load-fusion.js';
