// What the threads of a pool run.
export { fuseJob } from './fuse-job.js';
