export { outliveThreads } from '@refusion/core/node';
export { fastOnnxEngine, type OnnxEngine, type OnnxEngineOptions, onnxEngine } from './node/engine/engine.js';
export { type OpenModel, probeBlock } from './node/probe.js';
export { availableProviders, expectProvider } from './node/providers.js';
export { knownProviders, PROVIDERS, type Provider } from './node/runtime.js';
export { type BlockChoice, chooseBlock, MOST_ERROR, selfTest } from './node/self-test.js';
export { type Arrays, openSession, type Session, type SessionOptions } from './node/session.js';
