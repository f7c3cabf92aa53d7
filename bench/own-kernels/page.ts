import { measure, type Work } from './measure.js';

// The runner calls this in the page, whose server has TensorFlow.js's .wasm files.
Object.assign(globalThis, { measure: (work: Work) => measure(work, { wasmPaths: '/' }) });
