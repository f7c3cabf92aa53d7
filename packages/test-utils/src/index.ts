export { findChromium } from './chromium.js';
export { derivativeAtZero, dot, expectClose, relativeError } from './close.js';
export { inputsOf, mulberry32, normals, OPERATION_CASES, type OperationCase } from './operation-cases.js';
