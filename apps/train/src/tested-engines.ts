import { ENGINES, type EngineName, loadEngine } from '@refusion/tf';

/** WebAssembly and plain JavaScript are always there: that they do not load is a fault. */
const ALWAYS: readonly EngineName[] = ['wasm', 'cpu'];

const reasons = await Promise.all(
  ENGINES.map((name) =>
    ALWAYS.includes(name)
      ? null
      : loadEngine(name).then(
          () => null,
          (error: Error) => error.message,
        ),
  ),
);

/** The engines of TensorFlow.js that the tests of this package go through: those that load here. */
export const LOADING = ENGINES.filter((_name, i) => reasons[i] === null);

/** The others, and why they do not: they need a library or a GPU. */
export const LEFT_OUT = ENGINES.flatMap((name, i) => {
  const reason = reasons[i];
  return typeof reason === 'string' ? [{ name, reason }] : [];
});
