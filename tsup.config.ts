import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

/** Shared by every package: ESM and CJS with types for each. Run inside a package's folder. */
export default defineConfig({
  // A package that needs Node's file system has it behind a second door, `<package>/node`; one that is heavy to load may have
  // its names behind another, `<package>/names`. What worker threads run is a file of its own beside them.
  entry: ['src/index.ts', 'src/node.ts', 'src/names.ts', 'src/worker.ts'].filter((path) => existsSync(path)),
  format: ['esm', 'cjs'],
  target: 'node20',
  dts: true,
  shims: true,
  clean: true,
  sourcemap: true,
  // tsup bundles what is not in `dependencies`, optional ones too.
  external: ['onnxruntime-node'],
  tsconfig: '../../tsconfig.build.json',
});
