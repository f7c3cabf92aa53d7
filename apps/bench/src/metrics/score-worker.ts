// What the threads of a scorer run.
export { scoreJob } from './score-job.js';
