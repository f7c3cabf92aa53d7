import { defineConfig } from 'tsup';

export default defineConfig({
  // The second is what worker threads run.
  entry: { bin: 'src/bin.ts', 'fuse-worker': 'src/pool/fuse-worker.ts' },
  format: ['esm'],
  target: 'node20',
  clean: true,
  tsconfig: '../../tsconfig.build.json',
});
