import { existsSync } from 'node:fs';
import { defineConfig } from 'tsup';

/** Shared by every package: ESM and CJS with types for each. Run inside a package's folder. */
export default defineConfig({
  // A package that needs Node's file system has it behind a second door, `<package>/node`.
  entry: ['src/index.ts', ...(existsSync('src/node.ts') ? ['src/node.ts'] : [])],
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
