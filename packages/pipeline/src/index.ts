export { type ReFusionOptions, refusionLearner } from './learner.js';
