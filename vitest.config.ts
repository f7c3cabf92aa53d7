import { defineConfig } from 'vitest/config';

// Tests run on the sources: the custom condition is the first key of every package's exports.
const conditions = ['@refusion/source'];

export default defineConfig({
  resolve: { conditions },
  ssr: { resolve: { conditions } },
  test: {
    include: ['packages/*/src/**/*.test.ts', 'apps/*/src/**/*.test.ts', 'tests/**/*.test.ts'],
    // Every core: by default one is kept for watching, which is half of a machine that has two.
    maxWorkers: '100%',
    // WebGPU by software takes minutes on a busy machine.
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
