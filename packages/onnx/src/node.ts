export { availableProviders, type Provider } from './node/runtime.js';
export { type Arrays, openSession, type Session, type SessionOptions } from './node/session.js';
