import { copyFile } from 'node:fs/promises';
import { defineConfig } from 'tsup';

export default defineConfig({
  // The second is what worker threads run.
  entry: { bin: 'src/bin.ts', 'score-worker': 'src/metrics/score-worker.ts' },
  format: ['esm'],
  target: 'node20',
  clean: true,
  tsconfig: '../../tsconfig.build.json',
  // The golden file that `bench verify` takes by default; the repository keeps it once.
  onSuccess: () =>
    copyFile('../../fixtures/golden/meta-step-small.safetensors', 'dist/meta-step-small.safetensors'),
});
